import { existsSync, mkdirSync, readFileSync, readdirSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import assert from 'node:assert/strict';
import { openCheckpoint } from '../../src/artifacts/checkpoint/checkpoint.ts';
import { openSafetensors } from '../../src/artifacts/checkpoint/safetensors.ts';
import { modelFormat } from '../../src/lm/model/layouts.ts';
import { initialWeights } from '../../src/lm/model/gpt2/initial-weights.ts';
import { StageInputError, StageStopped } from '../../src/pipeline/stage-kind.ts';
import { contract as train } from '../../stages/train/contract.ts';
import {
  digestsOf,
  metricsOf,
  runStage,
  skipWithoutTensorFlow as skip,
  smallTalk,
  temporaryFolder,
  writeTokens,
} from './model-kit.ts';

const model = { layers: 1, heads: 2, width: 8, context: 16 };
const params = {
  model,
  steps: 30,
  batchSize: 4,
  schedule: { kind: 'cosine', peak: 0.02, floor: 0.002, warmupSteps: 3 },
  validateEvery: 10,
  validationBatches: 2,
};
const folder = temporaryFolder();
const inputs = { chat: join(folder.dir, 'chat'), news: join(folder.dir, 'news') };

before(() => {
  writeTokens(inputs.chat, {
    train: [1, 2, 3, 4, 5].map((seed) => smallTalk(20, seed)),
    validation: [smallTalk(30, 99)],
  });
  writeTokens(inputs.news, { train: [smallTalk(40, 7)], validation: [] });
});
after(folder.remove);

function inFolder(name: string): string {
  return join(folder.dir, name);
}

function metricsFile(outDir: string): { step: number; name: string; value: number }[] {
  return readFileSync(join(outDir, 'metrics.jsonl'), 'utf8')
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as { step: number; name: string; value: number });
}

test('learns, and writes final and best weights, their config, and every metric of every step', { skip }, async () => {
  const { outDir, events } = await runStage(train, {
    dir: inFolder('learns'),
    inputs: { chat: inputs.chat },
    params,
  });

  assert.deepEqual(
    events.find(({ kind }) => kind === 'progress'),
    { kind: 'progress', done: 0, total: 30, unit: 'steps', note: 'compiling' },
  );
  const progress = events.flatMap((event) => (event.kind === 'progress' ? [event] : []));
  assert.match(progress.at(-1)!.note!, /^loss \d\.\d\d · held-out loss \d+\.\d\d · [\d,]+ tokens\/s$/);
  assert.equal(progress.at(-1)!.done, 30);
  const validation = metricsOf(events, 'eval/loss');
  assert.deepEqual(
    validation.map(([step]) => step),
    [0, 10, 20, 30],
  );
  assert.ok(Math.abs(validation[0]![1] - Math.log(50257)) < 0.1, 'an untrained model knows nothing');
  assert.ok(validation[3]![1] < 6, `after 30 steps the loss is ${validation[3]![1]}`);
  assert.deepEqual(
    metricsOf(events, 'train/loss').map(([step]) => step),
    [10, 20, 30],
  );

  assert.deepEqual(readdirSync(outDir).sort(), ['best', 'final', 'metrics.jsonl']);
  for (const part of ['final', 'best']) {
    assert.deepEqual(readdirSync(join(outDir, part)).sort(), [
      'config.json',
      'merges.txt',
      'model.safetensors',
      'tokenizer_config.json',
      'training.json',
      'vocab.json',
    ]);
  }
  const final = openCheckpoint(join(outDir, 'final'), modelFormat);
  assert.deepEqual(final.model, { ...model, vocabularySize: 50257 });
  assert.deepEqual(final.training, {
    version: 1,
    step: 30,
    seed: 1337,
    init: { kind: 'random', seed: 1337 },
    validationLoss: final.training.validationLoss,
  });
  assert.ok(Math.abs(final.training.validationLoss! - validation[3]![1]) < 1e-6);
  final.close();
  const best = openCheckpoint(join(outDir, 'best'), modelFormat);
  assert.equal(
    best.training.validationLoss!.toPrecision(6),
    Math.min(...validation.map(([, loss]) => loss)).toPrecision(6),
  );
  best.close();

  const lines = metricsFile(outDir);
  for (const name of ['train/loss', 'train/lr', 'train/grad_norm', 'train/tokens_seen', 'train/epoch']) {
    assert.deepEqual(
      lines.filter((line) => line.name === name).map(({ step }) => step),
      Array.from({ length: 30 }, (_, i) => i + 1),
      name,
    );
  }
  assert.ok(
    lines.every(({ name }) => !name.includes('second')),
    'no timing in the artifact',
  );
  assert.equal(lines.find(({ step, name }) => step === 3 && name === 'train/lr')!.value, 0.015);
  assert.equal(lines.find(({ step, name }) => step === 5 && name === 'train/tokens_seen')!.value, 5 * 4 * 16);
});

test('the frequency of logging and saving does not change the artifact, but the seed does', { skip }, async () => {
  const run = (name: string, runtime: object, seed: number) =>
    runStage(train, {
      dir: inFolder(name),
      inputs: { chat: inputs.chat },
      params: { ...params, steps: 8, validateEvery: 4, seed },
      runtime,
    });
  const a = digestsOf((await run('runtime-a', { logEvery: 1, checkpointEvery: 1 }, 5)).outDir);
  const b = digestsOf((await run('runtime-b', { logEvery: 7, checkpointEvery: 100 }, 5)).outDir);
  const c = digestsOf((await run('runtime-c', {}, 6)).outDir);
  assert.deepEqual(a, b);
  assert.notEqual(a['final/model.safetensors'], c['final/model.safetensors']);
});

test('saves when it is stopped, and resumes with identical bytes', { skip }, async () => {
  const short = { ...params, steps: 9, validateEvery: 4 };
  const whole = digestsOf(
    (await runStage(train, { dir: inFolder('whole'), inputs: { chat: inputs.chat }, params: short })).outDir,
  );
  const stop = new AbortController();
  const onEvent = (event: { kind: string; name?: string; step?: number }): void => {
    if (event.kind === 'metric' && event.name === 'train/loss' && event.step === 5) stop.abort();
  };
  const stopped = { dir: inFolder('stopped'), inputs: { chat: inputs.chat }, params: short, runtime: { logEvery: 1 } };
  await assert.rejects(runStage(train, { ...stopped, signal: stop.signal, onEvent }), StageStopped);
  assert.deepEqual(readdirSync(join(stopped.dir, 'scratch/checkpoints')), ['step-00000005']);
  const { outDir, events } = await runStage(train, stopped);
  assert.deepEqual(
    events.filter(({ kind }) => kind === 'resumed'),
    [{ kind: 'resumed', step: 5 }],
  );
  assert.deepEqual(digestsOf(outDir), whole);
});

test('keeps only the newest checkpoint and the best weights', { skip }, async () => {
  const dir = inFolder('kept');
  await runStage(train, {
    dir,
    inputs: { chat: inputs.chat },
    params: { ...params, steps: 9, validateEvery: 2 },
    runtime: { checkpointEvery: 4 },
  });
  assert.deepEqual(readdirSync(join(dir, 'scratch/checkpoints')), ['step-00000008']);
  assert.ok(readdirSync(join(dir, 'scratch/best')).length <= 2);
});

test('trains on a mix of several inputs and reports each', { skip }, async () => {
  const mix = [
    { from: 'chat', weight: 3 },
    { from: 'news', weight: 1 },
  ];
  const { outDir, events } = await runStage(train, {
    dir: inFolder('mix'),
    inputs,
    params: { ...params, steps: 20, mix },
  });
  const last = Object.fromEntries(
    metricsFile(outDir)
      .filter(({ step }) => step === 20)
      .map(({ name, value }) => [name, value]),
  );
  assert.ok(last['train/epoch/chat']! > 0 && last['train/epoch/news']! > 0);
  assert.ok(last['eval/loss/chat']! > 0 && !('eval/loss/news' in last));
  assert.ok(events.some((event) => event.kind === 'warning' && event.text.startsWith('news has no held-out text')));
});

test('without held-out text, the best weights are the final ones', { skip }, async () => {
  const { outDir } = await runStage(train, {
    dir: inFolder('blind'),
    inputs: { news: inputs.news },
    params: { ...params, steps: 3 },
  });
  const digests = digestsOf(outDir);
  assert.equal(digests['best/model.safetensors'], digests['final/model.safetensors']);
});

test('diverging training stops and keeps the last good checkpoint', { skip }, async () => {
  const dir = inFolder('nan');
  const schedule = { kind: 'constant', peak: 10, warmupSteps: 0 };
  const wild = { ...params, steps: 200, validateEvery: 0, schedule, optimizer: { clip: 1e30, weightDecay: 10 } };
  await assert.rejects(
    runStage(train, { dir, inputs: { chat: inputs.chat }, params: wild, runtime: { checkpointEvery: 1 } }),
    (error: Error) => {
      assert.ok(error instanceof StageInputError);
      assert.match(error.message, /training broke down at step \d+: the (validation )?(loss|gradient norm) is/);
      assert.match(error.hint!, /schedule\.peak/);
      return true;
    },
  );
  const [kept] = readdirSync(join(dir, 'scratch/checkpoints'));
  const file = openSafetensors(join(dir, 'scratch/checkpoints', kept!, 'state.safetensors'));
  assert.ok(file.read('weights/wte.weight').every(Number.isFinite));
  file.close();
});

test('the initial weights are those of the seed', { skip }, async () => {
  const { outDir } = await runStage(train, {
    dir: inFolder('start'),
    inputs: { chat: inputs.chat },
    params: { ...params, steps: 1, schedule: { kind: 'constant', peak: 1e-30, warmupSteps: 0 } },
  });
  const checkpoint = openCheckpoint(join(outDir, 'final'), modelFormat);
  assert.deepEqual(
    checkpoint.read('h.0.mlp.c_fc.weight'),
    initialWeights(checkpoint.model, 1337)['h.0.mlp.c_fc.weight'],
  );
  checkpoint.close();
});

test('reports unsuitable inputs before anything is computed', async () => {
  writeTokens(inFolder('none'), { train: [], validation: ['hi'] });
  const cases: [object, Record<string, string>, RegExp, RegExp][] = [
    [
      { model: { ...model, vocabularySize: 300 } },
      { chat: inputs.chat },
      /a vocabulary of 50257 ids, the model has one of 300/,
      /model\.vocabularySize to 50257/,
    ],
    [{}, { chat: inputs.chat, none: inFolder('none') }, /^none has no text to train on$/, /more text/],
  ];
  for (const [change, given, message, hint] of cases) {
    await assert.rejects(
      runStage(train, { dir: inFolder('refused'), inputs: given, params: { ...params, ...change } }),
      (error: Error) => {
        assert.ok(error instanceof StageInputError, error.stack);
        assert.match(error.message, message);
        assert.match(error.hint!, hint);
        return true;
      },
    );
  }
});

test('refuses a checkpoint of a different model, and names it; a damaged one is not used', { skip }, async () => {
  const dir = inFolder('damaged');
  const run = (change: object) =>
    runStage(train, {
      dir,
      inputs: { chat: inputs.chat },
      params: { ...params, steps: 3, ...change },
      runtime: { checkpointEvery: 2 },
    });
  await run({});
  await assert.rejects(run({ model: { ...model, width: 16 } }), (error: Error) => {
    assert.ok(error instanceof StageInputError);
    assert.match(error.message, /weights\/wte\.weight is \[50257,8\], expected \[50257,16\]/);
    assert.match(error.message, /in 48 of 48 tensors/);
    assert.match(error.message, /v\/ln_f\.weight is \[8\], expected \[16\]|and 8 more/);
    assert.match(error.hint!, /remove .*checkpoints to start from the beginning/);
    return true;
  });
  const path = join(dir, 'scratch/checkpoints/step-00000002/state.safetensors');
  truncateSync(path, 100_000);
  const { events } = await run({});
  assert.deepEqual(
    events.flatMap((event) => (event.kind === 'warning' || event.kind === 'resumed' ? [event.kind] : [])),
    ['warning'],
    'it begins again',
  );
});

test('ignores and removes incomplete files of a killed attempt', { skip }, async () => {
  const dir = inFolder('leftover');
  const partial = join(dir, 'scratch/checkpoints/step-00000099.partial');
  mkdirSync(partial, { recursive: true });
  writeFileSync(join(partial, 'state.safetensors'), 'half');
  const { events } = await runStage(train, {
    dir,
    inputs: { chat: inputs.chat },
    params: { ...params, steps: 3 },
    runtime: { checkpointEvery: 1 },
  });
  assert.ok(!events.some(({ kind }) => kind === 'resumed'));
  assert.ok(!existsSync(partial));
});

test('rules between params', () => {
  const base = {
    init: { kind: 'scratch' as const },
    model: { ...model, vocabularySize: 50257 },
    mix: [],
    mixTemperature: 1,
    mixPhases: [],
    freeze: [],
    steps: 9,
    validateEvery: 3,
    schedule: { kind: 'constant' as const, peak: 1, warmupSteps: 0 },
  };
  const faults = (change: object, ports: string[]) => train.check!({ ...base, ...change } as never, ports);
  assert.deepEqual(faults({}, ['chat']), []);
  assert.deepEqual(faults({ model: { ...base.model, heads: 3 } }, ['chat']), [
    {
      path: 'model.heads',
      message: 'a width of 8 cannot be divided by 3 heads',
      hint: 'write heads: 2, or another width',
    },
  ]);
  assert.deepEqual(
    faults(
      {
        mix: [
          { from: 'chat', weight: 1 },
          { from: 'chta', weight: 1 },
        ],
      },
      ['chat'],
    ),
    [{ path: 'mix.1.from', message: 'no input "chta"; inputs are chat' }],
  );
  assert.deepEqual(
    faults(
      {
        mix: [
          { from: 'chat', weight: 1 },
          { from: 'chat', weight: 1 },
        ],
      },
      ['chat'],
    ),
    [{ path: 'mix.1.from', message: '"chat" is in the mix twice' }],
  );
  assert.deepEqual(faults({ schedule: { kind: 'linear', peak: 1, floor: 2, warmupSteps: 0 } }, ['chat']), [
    { path: 'schedule.floor', message: 'the floor 2 is above the peak 1' },
  ]);
});
