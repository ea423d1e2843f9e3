/**
 * `npm run bench train`: compares our captured training step of GPT-2 with PyTorch's, in fp32 and bf16.
 *
 * npm run bench train -- --steps 5 --rounds 3 --layers 6 --heads 6 --width 384 --context 256 --batch 4 --threads 2
 * npm run bench train -- --model 124M                1 x 1,024 tokens; also 355M, 774M
 * npm run bench train -- --model 355M --memory       peak memory and time of the memory-saving options, without PyTorch
 *
 * Each competitor is a separate long-running process. They take turns, so that other load on the machine affects them
 * equally. A ratio is the median of the rounds' ratios.
 */
import { spawn, type ChildProcess } from 'node:child_process';
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { projectRoot } from '../../src/files/project-root.ts';
import { layoutOf } from '../../src/lm/model/layouts.ts';
import { type StepOptions, serveCapturedStep, type BenchShape } from './captured-train.ts';
import { estimatedPeakBytes } from '../../src/lm/training/memory-estimate.ts';
import { median } from './median.ts';
import { torchPython, torchVersion } from './torch-python.ts';

interface Competitor {
  name: string;
  command: [string, ...string[]];
}

interface Answer {
  seconds: number[];
  loss: number;
  peakBytes: number;
}

interface Timing {
  name: string;
  firstStepSeconds: number;
  /** the median step of each round */
  roundSeconds: number[];
  /** the fastest step of all: the machine's speed without other load */
  fastestSeconds: number;
  peakBytes: number;
}

const { values: options } = parseArgs({
  options: {
    steps: { type: 'string', default: '5' },
    rounds: { type: 'string', default: '3' },
    layers: { type: 'string', default: '6' },
    heads: { type: 'string', default: '6' },
    width: { type: 'string', default: '384' },
    context: { type: 'string', default: '256' },
    batch: { type: 'string', default: '4' },
    vocabulary: { type: 'string', default: '50257' },
    threads: { type: 'string', default: String(availableParallelism()) },
    model: { type: 'string' },
    precision: { type: 'string' },
    memory: { type: 'boolean', default: false },
    serve: { type: 'string' },
  },
});

/** The published models, with one sequence of 1,024 tokens. */
const models: Record<string, Partial<BenchShape>> = {
  '124M': { layers: 12, heads: 12, width: 768, context: 1024, batchSize: 1 },
  '355M': { layers: 24, heads: 16, width: 1024, context: 1024, batchSize: 1 },
  '774M': { layers: 36, heads: 20, width: 1280, context: 1024, batchSize: 1 },
};

const shape: BenchShape = {
  layers: Number(options.layers),
  heads: Number(options.heads),
  width: Number(options.width),
  context: Number(options.context),
  vocabularySize: Number(options.vocabulary),
  batchSize: Number(options.batch),
  threads: Number(options.threads),
  ...(options.model ? models[options.model] : {}),
};

const plain: StepOptions = { precision: 'fp32', recomputeEvery: 0, lossRows: 0 };

if (options.serve) await serveCapturedStep(shape, JSON.parse(options.serve) as StepOptions);
else if (options.memory) await benchMemory(Number(options.rounds), Number(options.steps));
else
  for (const precision of options.precision ? [options.precision] : ['fp32', 'bf16'])
    await bench(precision as StepOptions['precision'], Number(options.rounds), Number(options.steps));

async function bench(precision: StepOptions['precision'], rounds: number, steps: number): Promise<void> {
  console.log(`${title()}, ${precision}`);
  const timings = await takeTurns(competitors(precision), rounds, steps);
  show(timings);
  const [ours, ...others] = timings;
  if (!ours?.name.startsWith('captured')) return void (process.exitCode = 1);
  for (const other of others) {
    const ratios = ours.roundSeconds.map((seconds, round) => other.roundSeconds[round]! / seconds);
    console.log(
      `${ours.name}: ${median(ratios).toFixed(2)} x as fast as ${other.name} (rounds: ${ratios.map((ratio) => ratio.toFixed(2)).join(', ')}; by the fastest steps: ${(other.fastestSeconds / ours.fastestSeconds).toFixed(2)})`,
    );
  }
}

/** Measures one after another, since two might not fit into memory at once. */
async function benchMemory(rounds: number, steps: number): Promise<void> {
  console.log(title());
  const timings: Timing[] = [];
  for (const precision of options.precision ? [options.precision] : ['fp32', 'bf16']) {
    for (const [what, changes] of [
      ['nothing recomputed', {}],
      ['recompute: blocks', { recomputeEvery: 1 }],
      ['recompute: blocks, lossRows: 1024', { recomputeEvery: 1, lossRows: 1024 }],
    ] as const) {
      const all = { ...plain, precision: precision as StepOptions['precision'], ...changes };
      const [timing] = await takeTurns([captured(`${precision}, ${what}`, all)], rounds, steps);
      if (!timing) continue;
      const estimate = estimatedPeakBytes({
        model: layoutOf(shape),
        batchSize: shape.batchSize,
        memoryPerWeight: 2,
        ...all,
      });
      timings.push(timing);
      console.log(
        `${timing.name}: peak ${gigabytes(timing.peakBytes)}, estimated ${gigabytes(estimate)} (${((100 * estimate) / timing.peakBytes - 100).toFixed(0)} %)`,
      );
    }
  }
  show(timings);
}

function title(): string {
  const { layers, heads, width, batchSize, context, threads } = shape;
  return `GPT-2: ${layers} layers, ${heads} heads, ${width} wide, ${batchSize} x ${context} tokens per step, ${(weightCount() / 1e6).toFixed(1)} M weights, ${threads} threads`;
}

function weightCount(): number {
  return Object.values(layoutOf(shape).weightShapes).reduce((sum, dims) => sum + dims.reduce((a, b) => a * b, 1), 0);
}

function show(timings: Timing[]): void {
  const tokens = shape.batchSize * shape.context;
  console.table(
    Object.fromEntries(
      timings.map(({ name, roundSeconds, fastestSeconds, firstStepSeconds, peakBytes }) => {
        const medianSeconds = median(roundSeconds);
        return [
          name,
          {
            'ms per step': Math.round(medianSeconds * 1000),
            fastest: Math.round(fastestSeconds * 1000),
            'tokens/s': Math.round(tokens / medianSeconds),
            'GFLOP/s': Math.round((6 * weightCount() * tokens) / medianSeconds / 1e9),
            'first step, s': Number(firstStepSeconds.toFixed(1)),
            'peak, GB': Number((peakBytes / 1e9).toFixed(2)),
          },
        ];
      }),
    ),
  );
}

function gigabytes(bytes: number): string {
  return `${(bytes / 1e9).toFixed(2)} GB`;
}

function captured(name: string, stepOptions: StepOptions): Competitor {
  const { layers, heads, width, context, batchSize, vocabularySize, threads } = shape;
  const flags = Object.entries({
    layers,
    heads,
    width,
    context,
    batch: batchSize,
    vocabulary: vocabularySize,
    threads,
  }).flatMap(([flag, value]) => [`--${flag}`, String(value)]);
  return {
    name,
    command: [process.execPath, fileURLToPath(import.meta.url), ...flags, '--serve', JSON.stringify(stepOptions)],
  };
}

function competitors(precision: StepOptions['precision']): Competitor[] {
  const python = torchPython();
  const script = join(projectRoot(), 'tests/bench/pytorch-train.py');
  const torch = (compile: boolean): string => JSON.stringify({ ...shape, compile, precision });
  return [
    captured(`captured tfjs, ${precision === 'fp32' ? 'XLA' : 'oneDNN and XLA'}`, { ...plain, precision }),
    { name: `PyTorch ${torchVersion}, eager`, command: [python, script, torch(false)] },
    { name: `PyTorch ${torchVersion}, torch.compile`, command: [python, script, torch(true)] },
  ];
}

/** Runs one step of each, which compiles; then `rounds` alternating rounds of `steps`. Reports and drops failures. */
async function takeTurns(all: Competitor[], rounds: number, steps: number): Promise<Timing[]> {
  const running = all.map((competitor) => ({
    ...competitor,
    ...start(competitor),
    first: NaN,
    peakBytes: 0,
    roundSeconds: [] as number[],
    fastest: Infinity,
    failure: '',
  }));
  try {
    for (let round = 0; round <= rounds; round++) {
      for (const competitor of running) {
        if (competitor.failure) continue;
        try {
          const { seconds, peakBytes } = await competitor.ask(round === 0 ? 1 : steps);
          competitor.peakBytes = peakBytes;
          if (round === 0) competitor.first = seconds[0]!;
          else {
            competitor.roundSeconds.push(median(seconds));
            competitor.fastest = Math.min(competitor.fastest, ...seconds);
          }
        } catch (error) {
          competitor.failure = (error as Error).message;
          console.log(`${competitor.name} cannot run: ${competitor.failure}`);
        }
      }
    }
  } finally {
    for (const competitor of running) competitor.child.stdin!.end();
  }
  return running
    .filter(({ failure }) => !failure)
    .map(({ name, first, roundSeconds, fastest, peakBytes }) => ({
      name,
      firstStepSeconds: first,
      roundSeconds,
      fastestSeconds: fastest,
      peakBytes,
    }));
}

function start({ command: [program, ...args] }: Competitor): {
  child: ChildProcess;
  ask(steps: number): Promise<Answer>;
} {
  const child = spawn(program, args, { stdio: ['pipe', 'pipe', 'pipe'] });
  let stderr = '';
  child.stderr.on('data', (text: Buffer) => (stderr = (stderr + text.toString()).slice(-2000)));
  child.stdin.on('error', () => {});
  const answers = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  const ask = async (steps: number): Promise<Answer> => {
    child.stdin.write(`${steps}\n`);
    const { value, done } = await answers.next();
    if (done) throw new Error(stderr.trim().split('\n').at(-1) || 'the process exited');
    return JSON.parse(value) as Answer;
  };
  return { child, ask };
}
