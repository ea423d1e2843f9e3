/**
 * `npm run bench train`: one training step of GPT-2, the captured one against PyTorch's, in fp32.
 *
 *   npm run bench train -- --steps 5 --rounds 3 --layers 6 --heads 6 --width 384 --context 256 --batch 4 --threads 2
 *
 * Each competitor is a process of its own that stays; they take turns, so that what else the machine does hits all of them.
 */
import { spawn, type ChildProcess } from 'node:child_process';
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { projectRoot } from '../../src/artifacts/project-root.ts';
import { weightShapes } from '../../src/lm/gpt2.ts';
import { serveCapturedStep, type BenchShape } from './captured-train.ts';
import { torchPython, torchVersion } from './torch-python.ts';

interface Competitor {
  name: string;
  command: [string, ...string[]];
}

interface Timing {
  name: string;
  firstStepSeconds: number;
  medianSeconds: number;
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
    serve: { type: 'string' },
  },
});

const shape: BenchShape = {
  layers: Number(options.layers),
  heads: Number(options.heads),
  width: Number(options.width),
  context: Number(options.context),
  vocabularySize: Number(options.vocabulary),
  batchSize: Number(options.batch),
  threads: Number(options.threads),
};

const capturedName = 'captured tfjs, XLA';

if (options.serve) await serveCapturedStep(shape, options.serve === 'xla');
else await bench(Number(options.rounds), Number(options.steps));

async function bench(rounds: number, steps: number): Promise<void> {
  const { layers, heads, width, batchSize, context, threads } = shape;
  const weights = Object.values(weightShapes(shape)).reduce((sum, dims) => sum + dims.reduce((a, b) => a * b, 1), 0);
  console.log(`GPT-2: ${layers} layers, ${heads} heads, ${width} wide, ${batchSize} x ${context} tokens a step, ${(weights / 1e6).toFixed(1)} M weights, fp32, ${threads} threads`);
  const timings = await takeTurns(competitors(), rounds, steps);
  const tokens = batchSize * context;
  console.table(
    Object.fromEntries(
      timings.map(({ name, medianSeconds, firstStepSeconds }) => [
        name,
        {
          'ms a step': Math.round(medianSeconds * 1000),
          'tokens/s': Math.round(tokens / medianSeconds),
          'GFLOP/s': Math.round((6 * weights * tokens) / medianSeconds / 1e9),
          'first step, s': Number(firstStepSeconds.toFixed(1)),
        },
      ]),
    ),
  );
  const [ours, ...others] = timings;
  if (ours?.name !== capturedName) return void (process.exitCode = 1);
  for (const { name, medianSeconds } of others) console.log(`${ours.name}: ${(medianSeconds / ours.medianSeconds).toFixed(2)} x as fast as ${name}`);
}

function competitors(): Competitor[] {
  const own = fileURLToPath(import.meta.url);
  const python = torchPython();
  const script = join(projectRoot(), 'tests/bench/pytorch-train.py');
  const flags = Object.entries(options).filter(([name]) => name !== 'serve').flatMap(([name, value]) => [`--${name}`, value!]);
  const torch = (compile: boolean): string => JSON.stringify({ ...shape, compile });
  return [
    { name: capturedName, command: [process.execPath, own, ...flags, '--serve', 'xla'] },
    { name: `PyTorch ${torchVersion}, eager`, command: [python, script, torch(false)] },
    { name: `PyTorch ${torchVersion}, torch.compile`, command: [python, script, torch(true)] },
  ];
}

/** First one step each, which compiles; then `rounds` times `steps` each, in turn. One that fails is named and left out. */
async function takeTurns(all: Competitor[], rounds: number, steps: number): Promise<Timing[]> {
  const running = all.map((competitor) => ({ ...competitor, ...start(competitor), first: NaN, seconds: [] as number[], failure: '' }));
  try {
    for (let round = 0; round <= rounds; round++) {
      for (const one of running) {
        if (one.failure) continue;
        try {
          const { seconds } = await one.ask(round === 0 ? 1 : steps);
          if (round === 0) one.first = seconds[0]!;
          else one.seconds.push(...seconds);
        } catch (error) {
          one.failure = (error as Error).message;
          console.log(`${one.name} cannot run: ${one.failure}`);
        }
      }
    }
  } finally {
    for (const one of running) one.child.stdin!.end();
  }
  return running.filter(({ failure }) => !failure).map(({ name, first, seconds }) => ({ name, firstStepSeconds: first, medianSeconds: median(seconds) }));
}

function start({ command: [program, ...args] }: Competitor): { child: ChildProcess; ask(steps: number): Promise<{ seconds: number[]; loss: number }> } {
  const child = spawn(program, args, { stdio: ['pipe', 'pipe', 'pipe'] });
  let stderr = '';
  child.stderr.on('data', (text: Buffer) => (stderr = (stderr + text.toString()).slice(-2000)));
  child.stdin.on('error', () => {});
  const answers = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  const ask = async (steps: number): Promise<{ seconds: number[]; loss: number }> => {
    child.stdin.write(`${steps}\n`);
    const { value, done } = await answers.next();
    if (done) throw new Error(stderr.trim().split('\n').at(-1) || 'it ended');
    return JSON.parse(value as string) as { seconds: number[]; loss: number };
  };
  return { child, ask };
}

function median(values: number[]): number {
  return values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)]!;
}
