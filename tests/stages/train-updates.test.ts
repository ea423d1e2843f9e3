import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import assert from 'node:assert/strict';
import { Value } from '@sinclair/typebox/value';
import { openCheckpoint } from '../../src/artifacts/checkpoint/checkpoint.ts';
import { openSafetensors } from '../../src/artifacts/checkpoint/safetensors.ts';
import { openNewestTraining, saveTraining, type TrainingState } from '../../src/artifacts/checkpoint/training-state.ts';
import { modelFormat } from '../../src/lm/model/layouts.ts';
import { weightShapes } from '../../src/lm/model/gpt2/weight-shapes.ts';
import { NO_LIMIT, NO_SKIPS } from '../../src/lm/training/guards.ts';
import { initialWeights } from '../../src/lm/model/gpt2/initial-weights.ts';
import { updateScalars } from '../../src/lm/optimizer/optimizer.ts';
import { NO_PLATEAU } from '../../src/lm/training/plateau.ts';
import type { StageEvent } from '../../src/pipeline/events.ts';
import { StageInputError, StageStopped } from '../../src/pipeline/stage-kind.ts';
import { contract as train } from '../../stages/train/contract.ts';
import { finiteOnly } from '../../stages/train/guard.ts';
import { FIRST_STATE } from '../../stages/train/next-state.ts';
import { stepNumbers } from '../../stages/train/step-numbers.ts';
import { assertClose } from '../lm/kit.ts';
import {
  FEW_IDS,
  digestsOf,
  runStage,
  skipWithoutTensorFlow as skip,
  smallTalk,
  temporaryFolder,
  writeFewTokens,
} from './model-kit.ts';

const params = {
  model: { vocabularySize: FEW_IDS, layers: 1, heads: 2, width: 8, context: 8 },
  steps: 12,
  batchSize: 2,
  schedule: { kind: 'constant', peak: 0.01 },
  validateEvery: 0,
  validationBatches: 2,
};
const folder = temporaryFolder();
const inputs = { chat: join(folder.dir, 'chat') };

before(() =>
  writeFewTokens(inputs.chat, { train: [1, 2, 3].map((seed) => smallTalk(20, seed)), validation: [smallTalk(10, 99)] }),
);
after(folder.remove);

interface Trained {
  dir: string;
  outDir: string;
  events: StageEvent[];
  /** name → step → value, from the file */
  metrics: Record<string, Record<number, number>>;
}

async function trained(name: string, change: object, stopAt?: number): Promise<Trained> {
  const dir = join(folder.dir, name);
  const run = { dir, inputs, params: { ...params, ...change }, runtime: { logEvery: 1, checkpointEvery: 1000 } };
  if (stopAt !== undefined) {
    const stop = new AbortController();
    const onEvent = (event: StageEvent): void =>
      void (event.kind === 'metric' && event.name === 'train/loss' && event.step === stopAt && stop.abort());
    await assert.rejects(runStage(train, { ...run, signal: stop.signal, onEvent }), StageStopped);
  }
  const { outDir, events } = await runStage(train, run);
  if (stopAt !== undefined)
    assert.ok(
      events.some((event) => event.kind === 'resumed' && event.step === stopAt),
      `${name} resumes at ${stopAt}`,
    );
  const metrics: Trained['metrics'] = {};
  for (const line of readFileSync(join(outDir, 'metrics.jsonl'), 'utf8').trim().split('\n')) {
    const { step, name: metric, value } = JSON.parse(line) as { step: number; name: string; value: number };
    (metrics[metric] ??= {})[step] = value;
  }
  return { dir, outDir, events, metrics };
}

/** Every final weight, by name. */
function weightsIn(outDir: string): Record<string, Float32Array> {
  const checkpoint = openCheckpoint(join(outDir, 'final'), modelFormat);
  const weights = Object.fromEntries(
    Object.keys(weightShapes(checkpoint.model)).map((name) => [name, checkpoint.read(name)]),
  );
  checkpoint.close();
  return weights;
}

const somewhere = (steps: number): number => 1 + Math.floor(Math.random() * (steps - 1));

const kinds: Record<string, object> = {
  adam: { optimizer: { kind: 'adam' } },
  'sgd with momentum': {
    optimizer: { kind: 'sgd', nesterov: true },
    schedule: { kind: 'restarts', peak: 0.5, floor: 0.1, periodSteps: 4 },
  },
  'sgd without': {
    optimizer: { kind: 'sgd', momentum: 0 },
    schedule: { kind: 'wsd', peak: 1, floor: 0, decayShare: 0.5 },
  },
  'adafactor in parts': {
    optimizer: { kind: 'adafactor', scaleByWeight: true },
    accumulate: 2,
    schedule: { kind: 'inverseSquareRoot', peak: 0.05, warmupSteps: 2 },
  },
  'adamw in parts': {
    accumulate: 2,
    tokenNoise: 0.2,
    schedule: {
      kind: 'piecewise',
      pieces: [
        { from: 0, rate: 0.01 },
        { from: 6, rate: 0.001 },
      ],
    },
  },
};
for (const [name, change] of Object.entries(kinds)) {
  test(`${name}: learns, and resumes anywhere with identical bytes`, { skip }, async () => {
    const whole = await trained(`${name}, whole`, change);
    assert.ok(
      whole.metrics['train/loss']![12]! < whole.metrics['train/loss']![1]! - 0.05,
      `loss ${JSON.stringify(whole.metrics['train/loss'])}`,
    );
    const at = somewhere(12);
    const stopped = await trained(`${name}, stopped`, change, at);
    assert.deepEqual(digestsOf(stopped.outDir), digestsOf(whole.outDir), `stopped at ${at}`);
  });
}

test(
  'four batches of two per step match one of eight: the same rows, weights and number of tokens',
  { skip },
  async () => {
    const sgd = {
      optimizer: { kind: 'sgd', momentum: 0.9, clip: 0.5 },
      schedule: { kind: 'constant', peak: 0.5 },
      steps: 6,
    };
    const whole = await trained('one of eight', { ...sgd, batchSize: 8 });
    const parts = await trained('four of two', { ...sgd, batchSize: 2, accumulate: 4 });
    for (const name of ['train/tokens_seen', 'train/epoch', 'train/lr'])
      assert.deepEqual(parts.metrics[name], whole.metrics[name], name);
    assert.equal(parts.metrics['train/tokens_seen']![6], 6 * 8 * 8);
    for (const name of ['train/loss', 'train/grad_norm'])
      assertClose(Object.values(parts.metrics[name]!), Object.values(whole.metrics[name]!), 1e-5, name);
    const [found, expected] = [weightsIn(parts.outDir), weightsIn(whole.outDir)];
    for (const [name, values] of Object.entries(expected)) assertClose(found[name]!, values, 1e-4, name);
  },
);

test('frozen weights do not change and have no optimizer state in a checkpoint', { skip }, async () => {
  const freeze = ['wte.weight', 'h.0.mlp.*'];
  const frozen = (name: string): boolean => name === 'wte.weight' || name.startsWith('h.0.mlp.');
  const stop = new AbortController();
  const dir = join(folder.dir, 'frozen, saved');
  const onEvent = (event: StageEvent): void => void (event.kind === 'metric' && event.step === 2 && stop.abort());
  await assert.rejects(
    runStage(train, {
      dir,
      inputs,
      params: { ...params, freeze },
      runtime: { logEvery: 1 },
      signal: stop.signal,
      onEvent,
    }),
    StageStopped,
  );
  const file = openSafetensors(join(dir, 'scratch/checkpoints/step-00000002/state.safetensors'));
  const names = Object.keys(weightShapes(params.model));
  const moving = names.filter((name) => !frozen(name));
  assert.deepEqual(
    [...file.entries.keys()].sort(),
    [...names.map((name) => `weights/${name}`), ...moving.flatMap((name) => [`m/${name}`, `v/${name}`])].sort(),
  );
  file.close();

  const { outDir } = await trained('frozen', { freeze });
  const start = initialWeights(params.model, 1337);
  for (const [name, values] of Object.entries(weightsIn(outDir)))
    assert.equal(
      values.every((value, i) => value === start[name]![i]),
      frozen(name),
      name,
    );
});

test('on a plateau the rate falls, which is reported, and stays down after a resume', { skip }, async () => {
  const schedule = { kind: 'plateau', peak: 0.01, floor: 0.003, factor: 0.5, patience: 2, minDelta: 10 };
  // Validations at 0, 2, 4 …: the first sets the best loss; those at 4 and 8 are the second in a row without a fall.
  const expected = [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12].map((step) =>
    step <= 4 ? 0.01 : step <= 8 ? 0.005 : 0.003,
  );
  const whole = await trained('plateau', { schedule, validateEvery: 2 });
  assert.deepEqual(Object.values(whole.metrics['train/lr']!), expected);
  assert.deepEqual(whole.metrics['train/rate_reductions'], { 4: 1, 8: 2 });
  const notes = whole.events.flatMap((event) =>
    event.kind === 'note' && event.text.startsWith('rate') ? [event.text] : [],
  );
  assert.deepEqual(notes, [
    'rate 0.01 → 0.005 after step 4: the held-out loss did not fall in 2 validations in a row',
    'rate 0.005 → 0.003 after step 8: the held-out loss did not fall in 2 validations in a row',
  ]);
  for (const at of [3, 6])
    assert.deepEqual(
      digestsOf((await trained(`plateau, stopped at ${at}`, { schedule, validateEvery: 2 }, at)).outDir),
      digestsOf(whole.outDir),
    );
});

test('refuses a plateau schedule without held-out text', { skip }, async () => {
  writeFewTokens(join(folder.dir, 'blind'), { train: [smallTalk(20, 1)], validation: [] });
  const schedule = { kind: 'plateau', peak: 0.01, floor: 0.001 };
  await assert.rejects(
    runStage(train, {
      dir: join(folder.dir, 'refused'),
      inputs: { chat: join(folder.dir, 'blind') },
      params: { ...params, schedule, validateEvery: 2 },
    }),
    (error: Error) => {
      assert.ok(error instanceof StageInputError, error.stack);
      assert.match(error.message, /the rate falls when the held-out loss stops falling, but chat has no held-out text/);
      return true;
    },
  );
});

test('outliers are skipped, reported and counted; the window survives a resume', { skip }, async () => {
  const change = { steps: 150, guards: { skipOutliers: 1.5 }, batchSize: 1 };
  const whole = await trained('outliers', change);
  const warnings = whole.events.flatMap((event) => (event.kind === 'warning' ? [event.text] : []));
  const skipped = Object.keys(whole.metrics['train/skipped_steps'] ?? {}).map(Number);
  assert.ok(skipped.length > 0 && skipped.every((step) => step > 128), `skipped ${skipped}`);
  assert.equal(warnings.length, skipped.length);
  assert.match(
    warnings[0]!,
    /^step 1\d\d was not applied: its (loss|gradient norm) is [\d.]+, an outlier above [\d.]+$/,
  );
  assert.equal(whole.metrics['train/skipped_steps']![skipped.at(-1)!], skipped.length);
  const at = 100 + somewhere(50);
  assert.deepEqual(
    digestsOf((await trained('outliers, stopped', change, at)).outDir),
    digestsOf(whole.outDir),
    `stopped at ${at}`,
  );
});

test(
  'broken steps are not applied; after too many in a row, training stops and keeps the last good checkpoint',
  { skip },
  async () => {
    const dir = join(folder.dir, 'broken');
    const wild = {
      ...params,
      steps: 200,
      schedule: { kind: 'constant', peak: 10 },
      optimizer: { clip: 1e30, weightDecay: 10 },
      guards: { stopAfter: 4 },
    };
    const events: StageEvent[] = [];
    let message = '';
    await assert.rejects(
      runStage(train, {
        dir,
        inputs,
        params: wild,
        runtime: { checkpointEvery: 1, logEvery: 1 },
        onEvent: (event) => void events.push(event),
      }),
      (error: Error) => {
        assert.ok(error instanceof StageInputError, error.stack);
        message = error.message;
        return true;
      },
    );
    const last = Number(
      /^training broke down at step (\d+): the (?:loss|gradient norm) is \S+, and 4 steps in a row had a loss or gradient norm that is not finite$/.exec(
        message,
      )?.[1],
    );
    const warnings = events.flatMap((event) => (event.kind === 'warning' ? [event.text] : []));
    assert.deepEqual(
      warnings.map((text) => Number(/^step (\d+) was not applied/.exec(text)![1])),
      [last - 3, last - 2, last - 1],
      message,
    );
    assert.ok(
      events.every((event) => event.kind !== 'metric' || Number.isFinite(event.value)),
      'no metric is NaN',
    );
    assert.deepEqual(readdirSync(join(dir, 'scratch/checkpoints')), [`step-${String(last - 4).padStart(8, '0')}`]);
    const file = openSafetensors(
      join(dir, 'scratch/checkpoints', `step-${String(last - 4).padStart(8, '0')}`, 'state.safetensors'),
    );
    for (const name of file.entries.keys()) assert.ok(file.read(name).every(Number.isFinite), name);
    file.close();
  },
);

test('a checkpoint with a number that is not finite never replaces a good one', async () => {
  const dir = join(folder.dir, 'finite');
  const state = (step: number): TrainingState => ({
    version: 1,
    step,
    metricsBytes: 0,
    best: null,
    guard: NO_SKIPS,
    plateau: NO_PLATEAU,
  });
  const save = (step: number, last: number) =>
    saveTraining(
      dir,
      state(step),
      finiteOnly([{ name: 'weights/w', shape: [3], read: () => Float32Array.of(1, -2, last) }], step, dir),
    );
  await save(1, 3);
  for (const broken of [NaN, Infinity, -Infinity]) {
    await assert.rejects(
      save(2, broken),
      (error: Error) =>
        error instanceof StageInputError &&
        error.message === 'training broke down at step 2: weights/w contains numbers that are not finite',
    );
    const saved = (await openNewestTraining(dir, { 'weights/w': [3] }))!;
    assert.deepEqual([saved.state.step, ...saved.read('weights/w')], [1, 1, -2, 3]);
    saved.close();
  }
});

test('an update that was not applied does not count for the bias correction', () => {
  const { optimizer, guards } = Value.Parse(train.params, params);
  const schedule = { kind: 'constant' as const, peak: 0.1, warmupSteps: 0 };
  const state = { ...FIRST_STATE, step: 10, guard: { ...NO_SKIPS, skipped: 3 } };
  assert.deepEqual(stepNumbers({ optimizer, guards, schedule, steps: 20 }, state).scalars, {
    ...updateScalars(optimizer, 0.1, 7),
    lossLimit: NO_LIMIT,
    normLimit: NO_LIMIT,
  });
});

test('noise is different in each step', { skip }, async () => {
  // One document shorter than a window: every step reads the same text, and at this rate learns nothing.
  writeFewTokens(join(folder.dir, 'one'), { train: ['good morning'], validation: [] });
  const losses = async (name: string, change: object) => {
    const { outDir } = await runStage(train, {
      dir: join(folder.dir, name),
      inputs: { chat: join(folder.dir, 'one') },
      params: {
        ...params,
        steps: 4,
        batchSize: 1,
        schedule: { kind: 'constant', peak: 1e-30 },
        windows: 'documents',
        ...change,
      },
    });
    return new Set(
      readFileSync(join(outDir, 'metrics.jsonl'), 'utf8')
        .split('\n')
        .filter((line) => line.includes('train/loss'))
        .map((line) => (JSON.parse(line) as { value: number }).value),
    ).size;
  };
  assert.equal(await losses('without noise', {}), 1);
  assert.equal(await losses('with noise', { tokenNoise: 1 }), 4);
});

test('rules between params', () => {
  const faults = (change: object) =>
    train.check!(Value.Parse(train.params, { ...params, ...change }), ['chat']).map(
      ({ path, message }) => `${path}: ${message}`,
    );
  const pieces = (...from: number[]) => ({
    schedule: { kind: 'piecewise', pieces: from.map((start) => ({ from: start, rate: 1 })) },
  });
  assert.deepEqual(faults({}), []);
  assert.deepEqual(faults({ ...pieces(0, 5, 9), freeze: ['h.0.*', 'wte.weight'] }), []);
  assert.deepEqual(faults(pieces(3, 5)), [
    'schedule.pieces.0.from: the first piece must begin at 0; no rate is set for the steps before 3',
  ]);
  assert.deepEqual(faults(pieces(0, 5, 5)), [
    'schedule.pieces.2.from: a piece from step 5 cannot follow one from step 5',
  ]);
  for (const kind of [
    { kind: 'linear' },
    { kind: 'wsd' },
    { kind: 'inverseSquareRoot' },
    { kind: 'restarts', periodSteps: 3 },
  ]) {
    assert.deepEqual(
      faults({ schedule: { ...kind, peak: 1, floor: 2 } }),
      ['schedule.floor: the floor 2 is above the peak 1'],
      kind.kind,
    );
  }
  assert.deepEqual(faults({ schedule: { kind: 'plateau', peak: 1, floor: 0 } }), [
    'validateEvery: a plateau schedule depends on the held-out losses: set the number of steps between validations',
  ]);
  assert.deepEqual(faults({ freeze: ['h.0.*', 'wte'] }), [
    'freeze.1: "wte" matches no weight of this model; its weights are wte.weight, wpe.weight, h.0.ln_1.weight, h.0.ln_1.bias, h.0.attn.c_attn.weight, h.0.attn.c_attn.bias, h.0.attn.c_proj.weight, h.0.attn.c_proj.bias, h.0.ln_2.weight, h.0.ln_2.bias, h.0.mlp.c_fc.weight, h.0.mlp.c_fc.bias, h.0.mlp.c_proj.weight, h.0.mlp.c_proj.bias, ln_f.weight, ln_f.bias',
  ]);
  assert.match(faults({ model: { ...params.model, layers: 4 }, freeze: ['h.4.*'] })[0]!, / and so on up to h\.3$/);
  assert.deepEqual(faults({ freeze: ['*'] }), ['freeze: nothing is left to train']);
});
