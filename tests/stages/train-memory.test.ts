import { join } from 'node:path';
import { after, before, test } from 'node:test';
import assert from 'node:assert/strict';
import { estimatedPeakBytes } from '../../src/lm/training/memory-estimate.ts';
import { StageInputError, StageStopped } from '../../src/pipeline/stage-kind.ts';
import { contract as train } from '../../stages/train/contract.ts';
import { checkMemory, memoryShape } from '../../stages/train/memory.ts';
import { dropoutSeeds } from '../../stages/train/step-batch.ts';
import type { Context } from '../../stages/train/params/params.ts';
import { Value } from '@sinclair/typebox/value';
import {
  FEW_IDS,
  digestsOf,
  metricsOf,
  runStage,
  skipWithoutTensorFlow as skip,
  smallTalk,
  temporaryFolder,
  writeFewTokens,
} from './model-kit.ts';

const model = { vocabularySize: FEW_IDS, layers: 3, heads: 2, width: 8, context: 16 };
const params = {
  model,
  steps: 7,
  batchSize: 4,
  schedule: { kind: 'constant', peak: 0.01 },
  validateEvery: 4,
  validationBatches: 2,
};
const folder = temporaryFolder();
const inputs = { chat: join(folder.dir, 'chat') };

before(() =>
  writeFewTokens(inputs.chat, {
    train: [1, 2, 3, 4, 5].map((seed) => smallTalk(20, seed)),
    validation: [smallTalk(30, 99)],
  }),
);
after(folder.remove);

for (const [name, change] of Object.entries({
  'dropout, recomputed, in bf16': { dropout: 0.2, recompute: 'blocks', precision: 'bf16', lossRows: 24 },
  'dropout in every batch of a step': { dropout: 0.2, accumulate: 2 },
  // plain JavaScript: small, for it is slow
  'dropout on tfjs': {
    dropout: 0.2,
    engine: 'tfjs',
    recompute: { every: 2 },
    model: { ...model, context: 8 },
    steps: 5,
    batchSize: 1,
    validationBatches: 1,
  },
})) {
  test(`${name}: resumes with identical bytes`, { skip }, async () => {
    const own = { ...params, ...change };
    const whole = await runStage(train, { dir: join(folder.dir, `${name} whole`), inputs, params: own });
    const stop = new AbortController();
    const stopped = { dir: join(folder.dir, `${name} stopped`), inputs, params: own, runtime: { logEvery: 1 } };
    const onEvent = (event: { kind: string; name?: string; step?: number }): void => {
      if (event.kind === 'metric' && event.name === 'train/loss' && event.step === 3) stop.abort();
    };
    await assert.rejects(runStage(train, { ...stopped, signal: stop.signal, onEvent }), StageStopped);
    assert.deepEqual(digestsOf((await runStage(train, stopped)).outDir), digestsOf(whole.outDir));
  });
}

test('recomputing blocks gives identical bytes', { skip }, async () => {
  const [kept, recomputed] = await Promise.all(
    ['none', 'blocks'].map(async (recompute) =>
      digestsOf(
        (await runStage(train, { dir: join(folder.dir, recompute), inputs, params: { ...params, recompute } })).outDir,
      ),
    ),
  );
  assert.deepEqual(recomputed!['final/model.safetensors'], kept!['final/model.safetensors']);
});

test('bf16 learns like fp32 and reports its engine', { skip }, async () => {
  const losses: number[] = [];
  for (const precision of ['fp32', 'bf16']) {
    const { events } = await runStage(train, {
      dir: join(folder.dir, precision),
      inputs,
      params: { ...params, precision },
    });
    losses.push(metricsOf(events, 'eval/loss').at(-1)![1]);
    const notes = events.flatMap((event) => (event.kind === 'note' ? [event.text] : []));
    assert.ok(
      notes.some((text) => text.includes(precision === 'fp32' ? 'XLA' : 'graph')),
      notes.join(),
    );
  }
  assert.ok(Math.abs(losses[1]! - losses[0]!) < 0.05 && losses[0] !== losses[1], losses.join());
});

test('dropout has one pair of seeds per batch, which depend only on seed and step', () => {
  const at = (step: number, seed = 1): Int32Array | undefined =>
    dropoutSeeds({ dropout: 0.1, seed, accumulate: 2 }, step).dropoutSeed;
  assert.equal(at(5)!.length, 4);
  assert.deepEqual(at(5), at(5));
  assert.notDeepEqual(at(5), at(6));
  assert.notDeepEqual(at(5), at(5, 2));
  assert.deepEqual(dropoutSeeds({ dropout: 0, seed: 1, accumulate: 2 }, 5), {});
});

test('reports too little memory before anything is computed, with settings that fit', () => {
  const large = {
    ...params,
    model: { layers: 24, heads: 16, width: 1024, context: 1024, vocabularySize: 50257 },
    batchSize: 4,
  };
  const own = { ...Value.Parse(train.params, large) } as unknown as Context['params'];
  const notes: string[] = [];
  const context = {
    params: own,
    emit: (event: { kind: string; text?: string }) => notes.push(`${event.kind}: ${event.text}`),
  } as unknown as Context;
  const needed = estimatedPeakBytes(memoryShape(own));
  checkMemory(context, needed * 1.01);
  assert.match(notes.join(), /^note: memory: about \d+\.\d GB at the peak \(program .*weights 1\.4, moments 2\.8/);
  checkMemory(context, needed * 0.9);
  assert.match(notes.at(-1)!, /^warning: .*; it may not fit$/);
  // The suggested settings do fit.
  const hintAt = (available: number): string => {
    let hint = '';
    assert.throws(
      () => checkMemory(context, available),
      (error: StageInputError) =>
        /needs about .* GB of memory, but .* GB are free/.test(error.message) && ((hint = error.hint!), true),
    );
    return hint;
  };
  const ofChange = (change: Partial<Context['params']>): number =>
    estimatedPeakBytes(memoryShape({ ...own, ...change }));
  assert.match(hintAt(ofChange({ recompute: 'blocks' })), /^any one of these would make it fit: recompute: blocks;/);
  assert.match(
    hintAt(ofChange({ batchSize: 1, accumulate: 4 })),
    /^any one of these would make it fit: .*batchSize: 1 with accumulate: 4/,
  );
  assert.match(
    hintAt(ofChange({ recompute: 'blocks', lossRows: 1024, batchSize: 1, accumulate: 4 })),
    /^these together would make it fit: recompute: blocks; lossRows: 1024; batchSize: 1 with accumulate: 4$/,
  );
  assert.throws(
    () => checkMemory(context, 1e9),
    (error: StageInputError) => /smaller model or a machine with more memory/.test(error.hint!),
  );
  assert.doesNotThrow(() => checkMemory({ ...context, params: { ...own, engine: 'tfjs' } }, 1e9));
});
