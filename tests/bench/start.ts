/**
 * `npm run bench start`: the time from the start of a train stage's process to the end of its first step (including the
 * validation before it, cut to one batch), without and with compiled programs cached by earlier processes.
 *
 * npm run bench start -- --rounds 3 --models nano,124M,given
 *
 * nano and 124M start with random weights, which take some seconds to draw for 124M; `given` is 124M with weights from
 * a folder.
 */
import { spawn } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { writeModel } from '../kit/write-model.ts';
import { findTensorFlow } from '../../src/engine/tensorflow/install/install.ts';
import type { ModelConfig } from '../../src/lm/model/architecture.ts';
import { weightShapes } from '../../src/lm/model/gpt2/weight-shapes.ts';
import { initialWeight } from '../../src/lm/model/gpt2/initial-weights.ts';
import { contract as train } from '../../stages/train/contract.ts';
import { runStage, smallTalk, writeTokens } from '../stages/model-kit.ts';
import { median } from './median.ts';

const { values: options } = parseArgs({
  options: {
    rounds: { type: 'string', default: '3' },
    models: { type: 'string', default: 'nano,124M,given' },
    serve: { type: 'string' },
    dir: { type: 'string' },
  },
});

const small = { vocabularySize: 50257, layers: 12, heads: 12, width: 768, context: 1024 };
const models: Record<string, { model: ModelConfig; batchSize: number }> = {
  nano: { model: { vocabularySize: 50257, layers: 4, heads: 4, width: 256, context: 128 }, batchSize: 8 },
  '124M': { model: small, batchSize: 1 },
  given: { model: small, batchSize: 1 },
};

if (options.serve) await serve(models[options.serve]!, options.dir!, options.serve === 'given');
else await bench(options.models.split(','), Number(options.rounds));

async function bench(names: string[], rounds: number): Promise<void> {
  const dir = mkdtempSync(join(tmpdir(), 'bench-start-'));
  writeTokens(join(dir, 'tokens'), {
    train: Array.from({ length: 40 }, (_, i) => smallTalk(200, i)),
    validation: [smallTalk(400, 99)],
  });
  try {
    if (names.includes('given')) await writeWeights(join(dir, 'weights'));
    for (const name of names) {
      for (const precision of ['fp32', 'bf16']) {
        const [cold, warm]: [number[], number[]] = [[], []];
        for (let round = 0; round < rounds; round++) {
          const cache = join(dir, `cache-${name}-${precision}-${round}`);
          cold.push(await secondsToFirstStep(name, { dir, cache, precision }));
          warm.push(await secondsToFirstStep(name, { dir, cache, precision }));
        }
        const summary = (all: number[]): string =>
          `${median(all).toFixed(1)} s (${all.map((seconds) => seconds.toFixed(1)).join(', ')})`;
        console.log(
          `${name}, ${precision}: first step after ${summary(cold)}; with cached programs after ${summary(warm)}`,
        );
      }
    }
  } finally {
    rmSync(dir, { recursive: true, force: true });
  }
}

function secondsToFirstStep(
  name: string,
  { dir, cache, precision }: { dir: string; cache: string; precision: string },
): Promise<number> {
  const env = { ...process.env, XDG_CACHE_HOME: cache, RUNNER_TENSORFLOW: findTensorFlow()!.dir, PRECISION: precision };
  const started = performance.now();
  const child = spawn(process.execPath, [fileURLToPath(import.meta.url), '--serve', name, '--dir', dir], {
    env,
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  return new Promise((resolve, reject) => {
    let seconds = NaN;
    child.stdout.on('data', () => (seconds = (performance.now() - started) / 1000));
    child.on('close', (code) =>
      Number.isNaN(seconds)
        ? reject(new Error(`the process exited with ${code} before its first step`))
        : resolve(seconds),
    );
  });
}

async function writeWeights(dir: string): Promise<void> {
  mkdirSync(dir);
  const tensors = Object.entries(weightShapes(small)).map(([name, shape]) => ({
    name,
    shape,
    read: async () => initialWeight(small, 1, name),
  }));
  const training = {
    version: 1 as const,
    step: 0,
    seed: 1,
    init: { kind: 'random' as const, seed: 1 },
    validationLoss: null,
  };
  await writeModel(dir, { model: small, training, tensors });
}

async function serve(
  { model, batchSize }: { model: ModelConfig; batchSize: number },
  dir: string,
  given: boolean,
): Promise<void> {
  const weights = join(dir, 'weights');
  const params = {
    model,
    ...(given ? { init: { kind: 'folder', path: weights } } : {}),
    batchSize,
    steps: 2,
    schedule: { kind: 'constant', peak: 1e-4 },
    validateEvery: 0,
    validationBatches: 1,
    precision: process.env['PRECISION'],
  };
  const stageDir = mkdtempSync(join(dir, 'stage-'));
  await runStage(train, {
    dir: stageDir,
    inputs: { chat: join(dir, 'tokens') },
    sources: given ? { 'init.path': weights } : {},
    params,
    runtime: { logEvery: 1 },
    onEvent(event) {
      if (event.kind !== 'metric' || event.name !== 'train/loss') return;
      process.stdout.write('step\n', () => process.exit(0));
    },
  });
}
