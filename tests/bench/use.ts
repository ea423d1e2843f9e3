/**
 * `npm run bench use`: how long people wait for a model that was trained: `sample` and `chat` until the first token,
 * the API with 16 requests at a time, and the blind test. Makes its own runs, of quickstart's chats and of invented
 * dialogues.
 *
 * npm run bench use -- --parts sample,chat,serve,turing --rounds 5
 *
 * The peer is the loop of `npm run bench sample`, which does nothing but write texts.
 */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { availableParallelism, cpus, tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { readBlindTest } from '../../src/artifacts/questions.ts';
import { projectRoot } from '../../src/files/project-root.ts';
import { below, randomAt } from '../../src/lm/random/random.ts';
import { runJson } from '../kit/runner.ts';
import { chatTurns, secondsToFirstToken, servedSpeed } from './use-commands.ts';
import { median } from './median.ts';
import { startSampling } from './sampling-process.ts';

const { values: options } = parseArgs({
  options: {
    parts: { type: 'string', default: 'sample,chat,serve,turing' },
    rounds: { type: 'string', default: '5' },
  },
});
const rounds = Number(options.rounds);
const GPT2 = { layers: 12, heads: 12, width: 768, context: 1024 };
const NANO = { layers: 4, heads: 4, width: 128, context: 256 };
const PERSON = 'Zoë Lindqvist';

const dir = mkdtempSync(join(tmpdir(), 'bench-use-'));
const runs = join(dir, 'runs');
console.log(`${cpus()[0]!.model}, ${availableParallelism()} threads`);
try {
  for (const part of options.parts.split(',')) await parts()[part]!();
} finally {
  rmSync(dir, { recursive: true, force: true });
}

function parts(): Record<string, () => Promise<void>> {
  return {
    async sample() {
      for (const [name, model] of Object.entries({ nano: NANO, '124M': GPT2 })) {
        const run = await trained(model);
        const seconds = await repeated(rounds + 1, () => secondsToFirstToken(run, runs, `${PERSON}:`));
        console.log(
          `sample, ${name}: first token after ${shown(seconds.slice(1))} (at first ${seconds[0]!.toFixed(1)} s)`,
        );
      }
    },
    async chat() {
      const run = await trained(GPT2);
      await chatTurns(run, runs, 4 + rounds); // compiles
      const turns = await chatTurns(run, runs, 4 + rounds);
      const wait = (slid: boolean): number[] =>
        turns.flatMap(({ seconds, history, hasSlid }) => (hasSlid === slid && history > 500 ? [seconds] : []));
      console.log(`chat, 124M, more than 500 tokens of history: first token after ${shown(wait(false))}`);
      console.log(`chat, 124M, the window slides: first token after ${shown(wait(true))}`);
      const peer = await startSampling({ ...GPT2, batchSize: 1, prompt: 16, newTokens: 64 });
      const speed = await peer.speed();
      peer.end();
      const ours = median(turns.map(({ speed }) => speed));
      console.log(
        `chat, 124M: ${ours.toFixed(1)} tokens/s, ${(ours / speed).toFixed(2)} x bench sample's ${speed.toFixed(1)}`,
      );
    },
    async serve() {
      const run = await trained(GPT2);
      const peer = await startSampling({ ...GPT2, batchSize: 16, prompt: 64, newTokens: 64 });
      const api = await servedSpeed(run, runs, { streams: 16, prompt: 64, newTokens: 64 });
      try {
        const pairs = await repeated(rounds, async () => [await api.speed(), await peer.speed()] as const);
        const [ours, theirs] = [median(pairs.map(([a]) => a)), median(pairs.map(([, b]) => b))];
        const ratio = median(pairs.map(([a, b]) => a / b));
        console.log(
          `/v1, 124M, 16 streams: ${ours.toFixed(1)} tokens/s, ${ratio.toFixed(2)} x bench sample's ${theirs.toFixed(1)}`,
        );
      } finally {
        peer.end();
        api.end();
      }
    },
    async turing() {
      const { seconds, tokens } = await timedTest();
      const peer = await startSampling({ ...NANO, batchSize: 16, prompt: 80, newTokens: 48 });
      const speed = await peer.speed();
      peer.end();
      const ratio = seconds / (tokens / speed);
      console.log(
        `turing, nano, all defaults: ${seconds.toFixed(1)} s for ${tokens} tokens, ${ratio.toFixed(2)} x the time of bench sample (${speed.toFixed(0)} tokens/s)`,
      );
    },
  };
}

async function repeated<T>(times: number, measure: () => Promise<T>): Promise<T[]> {
  const all: T[] = [];
  while (all.length < times) all.push(await measure());
  return all;
}

/** A run that was trained for one step: how long things take does not depend on the weights. */
async function trained(model: object): Promise<string> {
  const set = (path: string, value: unknown): string[] => [
    '--set',
    `stages.model.params.${path}=${JSON.stringify(value)}`,
  ];
  const { run } = await runJson(
    [
      join(projectRoot(), 'pipelines', 'quickstart.yaml'),
      'model',
      ...set('model', model),
      ...set('steps', 1),
      ...set('batchSize', 1),
      ...set('validateEvery', 0),
      ...set('validationBatches', 1),
    ],
    runs,
  );
  return run;
}

/** Seconds of a `turing` stage with all defaults, and the tokens that its model wrote. */
async function timedTest(): Promise<{ seconds: number; tokens: number }> {
  const words =
    'well yes no maybe the garden tomorrow we could bring bread and cheese if it rains then stay home'.split(' ');
  const line = (random: () => number): string =>
    Array.from({ length: 6 + below(random, 7) }, () => words[below(random, words.length)]!).join(' ');
  const dialogues = Array.from({ length: 4000 }, (_, i) => {
    const random = randomAt(1, i, 'questions');
    return JSON.stringify({ turns: Array.from({ length: 14 }, () => line(random)) });
  });
  writeFileSync(join(dir, 'dialogues.jsonl'), dialogues.join('\n'));
  const pipeline = {
    name: 'bench',
    stages: {
      dialogues: { kind: 'ingest', params: { source: './dialogues.jsonl', format: 'jsonl' } },
      tokens: {
        kind: 'tokenize',
        inputs: { conversations: 'dialogues' },
        params: { template: '{name}: {text}', validation: 0.05, test: 0.3, leaks: 'allow' },
      },
      model: {
        kind: 'train',
        inputs: { dialogues: 'tokens' },
        params: { model: NANO, schedule: { kind: 'constant', peak: 3e-3 }, steps: 300, batchSize: 8, validateEvery: 0 },
      },
      test: { kind: 'turing', inputs: { 'held-out': 'tokens', model: 'model' }, params: {} },
    },
  };
  writeFileSync(join(dir, 'bench.yaml'), JSON.stringify(pipeline));
  await runJson([join(dir, 'bench.yaml'), 'model'], runs);
  const warm = JSON.stringify({ ...pipeline.stages.test, params: { seed: 2, automatic: 20, questions: 5 } });
  await runJson([join(dir, 'bench.yaml'), '--set', `stages.test=${warm}`], runs); // compiles
  const { dir: made, stages } = await runJson([join(dir, 'bench.yaml')], runs);
  const { byModel } = readBlindTest(join(made, 'stages', 'test')).report;
  return { seconds: stages.find(({ name }) => name === 'test')!.seconds, tokens: byModel['model']!.tokens };
}

function shown(seconds: number[]): string {
  return `${median(seconds).toFixed(2)} s (${seconds.map((one) => one.toFixed(2)).join(', ')})`;
}
