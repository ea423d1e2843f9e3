import { existsSync, readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import assert from 'node:assert/strict';
import { keptSteps, type TrainingState } from '../../src/artifacts/checkpoint/training-state.ts';
import type { StageEvent } from '../../src/pipeline/events.ts';
import { StageInputError, StageStopped } from '../../src/pipeline/stage-kind.ts';
import { contract as train } from '../../stages/train/contract.ts';
import { spaceNeeded } from '../../stages/train/saving.ts';
import {
  FEW_IDS,
  digestsOf,
  gpt2Encoding,
  metricsOf,
  runStage,
  skipWithoutTensorFlow as skip,
  smallTalk,
  temporaryFolder,
  writeFewTokens,
  writeTokens,
} from './model-kit.ts';

const model = { vocabularySize: FEW_IDS, layers: 1, heads: 2, width: 8, context: 16 };
const params = {
  model,
  steps: 24,
  batchSize: 4,
  schedule: { kind: 'constant', peak: 0.01, warmupSteps: 0 },
  validateEvery: 4,
  validationBatches: 2,
};
const folder = temporaryFolder();
const inputs = { chat: join(folder.dir, 'chat'), news: join(folder.dir, 'news') };
const inFolder = (name: string): string => join(folder.dir, name);

before(() => {
  writeFewTokens(inputs.chat, {
    train: [1, 2, 3, 4, 5].map((seed) => smallTalk(20, seed)),
    validation: [smallTalk(30, 99)],
  });
  writeFewTokens(inputs.news, { train: [smallTalk(40, 7), smallTalk(3, 8)], validation: [smallTalk(10, 77)] });
});
after(folder.remove);

function notes(events: StageEvent[]): string[] {
  return events.flatMap((event) => (event.kind === 'note' ? [event.text] : []));
}

function valuesOf(outDir: string, wanted: string): [step: number, value: number][] {
  const lines = readFileSync(join(outDir, 'metrics.jsonl'), 'utf8')
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as { step: number; name: string; value: number });
  return lines.flatMap(({ step, name, value }) => (name === wanted ? [[step, value] as [number, number]] : []));
}

test('on a plateau, training switches to the other text and rate, then returns to where it was', { skip }, async () => {
  // No loss is ever lower by 10 nats, so every second validation in a row begins a detour.
  const detour = { to: 'news', patience: 1, minDelta: 10, steps: 5, rate: 0.002, max: 2 };
  const { outDir, events } = await runStage(train, {
    dir: inFolder('detour'),
    inputs,
    params: { ...params, detour },
    runtime: { logEvery: 1 },
  });
  // validations at 0 4 [away 4–9] 8 12 16 [away 16–21] 20 24
  const away = valuesOf(outDir, 'detour/active').flatMap(([step, value]) => (value === 1 ? [step] : []));
  assert.deepEqual(away, [5, 6, 7, 8, 9, 17, 18, 19, 20, 21]);
  assert.deepEqual(
    valuesOf(outDir, 'train/lr')
      .filter(([, rate]) => rate === 0.002)
      .map(([step]) => step),
    away,
  );
  const news = new Map(valuesOf(outDir, 'train/epoch/news'));
  const chat = new Map(valuesOf(outDir, 'train/epoch/chat'));
  for (let step = 1; step <= 24; step++) {
    assert.equal(news.get(step)! > (news.get(step - 1) ?? 0), away.includes(step), `step ${step}`);
    assert.equal(chat.get(step)! > (chat.get(step - 1) ?? 0), !away.includes(step), `step ${step}`);
  }
  assert.deepEqual(
    notes(events).filter((text) => /detour|back from/.test(text)),
    [
      'detour 1 of 2 to news, until step 9: the held-out loss did not fall',
      'back from news after step 9',
      'detour 2 of 2 to news, until step 21: the held-out loss did not fall',
      'back from news after step 21',
    ],
  );
  const both = ['eval/loss', 'eval/loss/chat', 'eval/loss/news'].map((name) => metricsOf(events, name));
  assert.equal(both[2]!.length, 7);
  assert.deepEqual(both[0], both[1], 'only the loss of the mix counts');
  const classes = ['text', 'separator'].map((name) => metricsOf(events, `eval/class/${name}`));
  both[0]!.forEach(([step, loss], place) => {
    const [text, separator] = classes.map((metrics) => metrics[place]!) as [[number, number], [number, number]];
    assert.deepEqual([text[0], separator[0]], [step, step]);
    assert.ok(Math.min(text[1], separator[1]) <= loss && loss <= Math.max(text[1], separator[1]));
  });
});

test('a detour that never begins changes no weight', { skip }, async () => {
  const detour = { to: 'news', patience: 100, minDelta: 0, steps: 5, max: 2 };
  const plain = await runStage(train, { dir: inFolder('plain'), inputs: { chat: inputs.chat }, params });
  const unused = await runStage(train, { dir: inFolder('unused'), inputs, params: { ...params, detour } });
  assert.equal(digestsOf(plain.outDir)['final/model.safetensors'], digestsOf(unused.outDir)['final/model.safetensors']);
});

test('phases, a review and a temperature determine the drawn inputs', { skip }, async () => {
  const mix = [{ from: 'chat', weight: 1 }];
  const phases = await runStage(train, {
    dir: inFolder('phases'),
    inputs,
    params: { ...params, mix, mixPhases: [{ untilStep: 10, mix: [{ from: 'news', weight: 1 }] }] },
  });
  const news = valuesOf(phases.outDir, 'train/epoch/news').map(([, value]) => value);
  assert.ok(news[9]! > news[8]! && news[23] === news[9]);
  const review = { kind: 'overSteps', from: 'news', share: 0.9, steps: 12 };
  const reviewed = valuesOf(
    (await runStage(train, { dir: inFolder('review'), inputs, params: { ...params, review } })).outDir,
    'train/epoch/news',
  ).map(([, value]) => value);
  assert.ok(reviewed[5]! > 0 && reviewed[5]! > reviewed[11]! - reviewed[5]! && reviewed[23] === reviewed[11]);
  const drawn = async (mixTemperature: number): Promise<number> => {
    const { outDir } = await runStage(train, {
      dir: inFolder(`temperature-${mixTemperature}`),
      inputs,
      params: { ...params, mixTemperature },
    });
    return valuesOf(outDir, 'train/epoch/news').at(-1)![1];
  };
  assert.ok((await drawn(1000)) > 1.2 * (await drawn(1)));
});

test('training ends by tokens, epochs or patience, and its artifact shows that', { skip }, async () => {
  const ended = async (name: string, stop: object, more: object = {}): Promise<[number, string]> => {
    const { outDir, events } = await runStage(train, {
      dir: inFolder(name),
      inputs: { chat: inputs.chat },
      params: { ...params, ...more, stop },
    });
    const { step } = JSON.parse(readFileSync(join(outDir, 'final/training.json'), 'utf8')) as { step: number };
    assert.equal(valuesOf(outDir, 'eval/loss').at(-1)![0], step, 'the end is validated');
    return [step, notes(events).at(-1)!];
  };
  assert.deepEqual(await ended('stop-tokens', { tokens: 601 }), [10, 'ended at step 10 of 24: 640 tokens seen']);
  const windows = Math.floor(
    (JSON.parse(readFileSync(join(inputs.chat, 'index.json'), 'utf8')) as { splits: { train: { tokens: number } } })
      .splits.train.tokens / 16,
  );
  assert.deepEqual(await ended('stop-epochs', { epochs: 0.5 }), [
    Math.ceil(windows / 8),
    `ended at step ${Math.ceil(windows / 8)} of 24: 0.5 epochs done`,
  ]);
  assert.deepEqual(await ended('stop-patience', { patience: 2, minDelta: 10 }), [
    8,
    'ended at step 8 of 24: the held-out loss did not fall in 2 validations in a row',
  ]);
});

for (const windows of ['documents', 'lines']) {
  test(
    `windows from ${windows} on: an epoch counts each token once, and how it is accumulated does not matter`,
    { skip },
    async () => {
      const few = { ...params, windows, steps: 6, validateEvery: 0 };
      const { outDir } = await runStage(train, { dir: inFolder(windows), inputs: { news: inputs.news }, params: few });
      const seen = valuesOf(outDir, 'train/tokens_seen');
      const epochs = valuesOf(outDir, 'train/epoch');
      const { tokens } = (
        JSON.parse(readFileSync(join(inputs.news, 'index.json'), 'utf8')) as { splits: { train: { tokens: number } } }
      ).splits.train;
      seen.forEach(([, value], place) => assert.ok(Math.abs(value / epochs[place]![1] - tokens) <= 2));
      // Rows have different numbers of targets, but each target has the same weight.
      const parts = await runStage(train, {
        dir: inFolder(`${windows}-parts`),
        inputs: { news: inputs.news },
        params: { ...few, batchSize: 1, accumulate: 4 },
      });
      const losses = [outDir, parts.outDir].map((dir) => valuesOf(dir, 'train/loss').map(([, value]) => value));
      losses[0]!.forEach((loss, place) =>
        assert.ok(Math.abs(loss / losses[1]![place]! - 1) < 1e-4, `${loss} ${losses[1]![place]}`),
      );
    },
  );
}

test('trains on a text shorter than a window, with padding', { skip }, async () => {
  const tiny = inFolder('tiny-tokens');
  writeFewTokens(tiny, { train: ['Ann: hi\n'], validation: [] });
  for (const windows of ['anywhere', 'documents', 'lines']) {
    const { outDir, events } = await runStage(train, {
      dir: inFolder(`tiny-${windows}`),
      inputs: { tiny },
      params: { ...params, windows, batchSize: 2 },
    });
    assert.ok(
      events.some(
        (event) =>
          event.kind === 'warning' &&
          event.text.startsWith('tiny has 5 tokens to train on, fewer than one window of 16'),
      ),
      JSON.stringify(notes(events)),
    );
    const losses = valuesOf(outDir, 'train/loss');
    assert.ok(losses.at(-1)![1] < losses[0]![1] - 2, 'it learns the five tokens');
    assert.deepEqual(valuesOf(outDir, 'train/tokens_seen').at(-1), [24, 24 * 2 * 5]);
  }
  writeFewTokens(inFolder('empty-tokens'), { train: [], validation: ['Ann: hi\n'] });
  await assert.rejects(
    runStage(train, { dir: inFolder('empty'), inputs: { nothing: inFolder('empty-tokens') }, params }),
    (error: Error) => error instanceof StageInputError && error.message === 'nothing has no text to train on',
  );
});

test('a detour and patience without held-out text fail before anything is computed', async () => {
  writeFewTokens(inFolder('blind-tokens'), { train: [smallTalk(20, 1)], validation: [] });
  const blind = { blind: inFolder('blind-tokens'), news: inputs.news };
  for (const change of [
    { detour: { to: 'news', patience: 1, steps: 5 } },
    { mix: [{ from: 'blind', weight: 1 }], stop: { patience: 1 } },
  ]) {
    await assert.rejects(
      runStage(train, { dir: inFolder('blind'), inputs: blind, params: { ...params, ...change } }),
      (error: Error) => {
        assert.ok(error instanceof StageInputError, error.stack);
        assert.match(error.message, /when the held-out loss stops falling, but blind has no held-out text/);
        return true;
      },
    );
  }
});

test('keeps the newest checkpoints, and the first one of every `keep.every` steps', { skip }, async () => {
  const dir = inFolder('keep');
  await runStage(train, {
    dir,
    inputs: { chat: inputs.chat },
    params: { ...params, steps: 23 },
    runtime: { checkpointEvery: 2, keep: { last: 2, every: 10 } },
  });
  const steps = readdirSync(join(dir, 'scratch/checkpoints')).map((name) => Number(name.slice(5)));
  assert.deepEqual(steps, [2, 10, 20, 22]);
  assert.deepEqual(keptSteps([2, 4, 6, 12, 14, 25], { last: 1, every: 10 }), [2, 12, 25]);
  assert.deepEqual(keptSteps([2, 4, 6], { last: 1, every: 0 }), [6]);
});

test(
  'saves on SIGUSR1 and by minutes, saves and stops when its time is up, always with the same final bytes',
  { skip },
  async () => {
    const run = (name: string, runtime: object, onEvent?: (event: StageEvent) => void) =>
      runStage(train, {
        dir: inFolder(name),
        inputs: { chat: inputs.chat },
        params,
        runtime: { logEvery: 1, checkpointEvery: 1000, ...runtime },
        ...(onEvent ? { onEvent } : {}),
      });
    const whole = digestsOf((await run('undisturbed', {})).outDir);

    const asked = await run('asked', {}, (event) => {
      if (event.kind === 'metric' && event.name === 'train/loss' && event.step === 5)
        process.kill(process.pid, 'SIGUSR1');
    });
    assert.ok(notes(asked.events).some((text) => /^saved at step \d+, as requested by SIGUSR1$/.test(text)));
    assert.deepEqual(digestsOf(asked.outDir), whole);

    const always = await run('minutes', { checkpointEveryMinutes: 1e-9 });
    assert.deepEqual(readdirSync(join(inFolder('minutes'), 'scratch/checkpoints')), ['step-00000023']);
    assert.deepEqual(digestsOf(always.outDir), whole);

    await assert.rejects(run('time', { stopAfterMinutes: 1e-9 }), StageStopped);
    const state = JSON.parse(
      readFileSync(join(inFolder('time'), 'scratch/checkpoints/step-00000001/state.json'), 'utf8').split('\n')[0]!,
    ) as TrainingState;
    assert.equal(state.step, 1);
    assert.deepEqual(digestsOf((await run('time', {})).outDir), whole);
  },
);

test('emits samples at intervals, which change nothing', { skip }, async () => {
  const samples = { every: 10, prompts: ['Ann:', ''], maxNewTokens: 5 };
  // Prompts are encoded and texts decoded: with all ids.
  const allIds = { chat: inFolder('all-ids') };
  writeTokens(allIds.chat, { train: [smallTalk(60)], validation: [smallTalk(30, 99)] });
  const own = { ...params, model: { ...model, vocabularySize: gpt2Encoding().vocabularySize } };
  const { outDir, events } = await runStage(train, {
    dir: inFolder('samples'),
    inputs: allIds,
    params: own,
    runtime: { samples },
  });
  const texts = events.flatMap((event) => (event.kind === 'sample' ? [event] : []));
  assert.deepEqual(
    texts.map(({ step, prompt }) => [step, prompt]),
    [
      [10, 'Ann:'],
      [10, ''],
      [20, 'Ann:'],
      [20, ''],
    ],
  );
  for (const { text } of texts) assert.ok(gpt2Encoding().encode(text).length <= 8);
  assert.deepEqual(
    digestsOf(outDir),
    digestsOf((await runStage(train, { dir: inFolder('no-samples'), inputs: allIds, params: own })).outDir),
  );
  assert.ok(metricsOf(events, 'system/resident_gb').every(([, value]) => value > 0.05));
});

test('reports too little disk space for the checkpoints before the first step', { skip }, async () => {
  const dir = inFolder('disk');
  const huge = { ...params, steps: 2 ** 31 - 1 };
  await assert.rejects(
    runStage(train, {
      dir,
      inputs: { chat: inputs.chat },
      params: huge,
      runtime: { checkpointEvery: 1, keep: { last: 1, every: 1 } },
    }),
    (error: Error) => {
      assert.ok(error instanceof StageInputError, error.stack);
      assert.match(
        error.message,
        /checkpoints and weights will need another [\d,]+ MB, but only [\d,]+ MB are free on the disk/,
      );
      assert.match(error.hint!, /keep: \{ last: 1, every: 0 \}/);
      return true;
    },
  );
  assert.ok(!existsSync(join(dir, 'scratch/checkpoints')));
  const sizes = {
    stateBytes: 300,
    weightsBytes: 100,
    keepsStart: false,
    steps: 1000,
    checkpointEvery: 10,
    checkpointEveryMinutes: 0,
  };
  assert.equal(spaceNeeded({ ...sizes, keep: { last: 1, every: 0 } }), 2 * 300 + 400);
  assert.equal(spaceNeeded({ ...sizes, keep: { last: 2, every: 100 } }), 14 * 300 + 400);
  assert.equal(spaceNeeded({ ...sizes, keep: { last: 2, every: 1 } }), 101 * 300 + 400);
  assert.equal(
    spaceNeeded({ ...sizes, keep: { last: 2, every: 1 }, checkpointEveryMinutes: 5 }),
    1001 * 300 + 400,
    'by the clock there may be one at any step',
  );
  assert.equal(
    spaceNeeded({ ...sizes, keep: { last: 1, every: 0 }, keepsStart: true }),
    2 * 300 + 500,
    'given weights stay beside what was learnt',
  );
});

test('rules between the params of the curriculum', () => {
  const base = {
    init: { kind: 'scratch' },
    model,
    freeze: [],
    mix: [],
    mixTemperature: 1,
    mixPhases: [],
    steps: 100,
    validateEvery: 10,
    schedule: { kind: 'constant', peak: 1, warmupSteps: 0 },
  };
  const faults = (change: object, ports = ['chat', 'news']) => train.check!({ ...base, ...change } as never, ports);
  const detour = { to: 'news', patience: 1, minDelta: 0, steps: 5, max: 1 };
  const only = (from: string) => [{ from, weight: 1 }];
  assert.deepEqual(faults({ detour }), []);
  assert.deepEqual(faults({ detour: { ...detour, to: 'nwes' } }), [
    { path: 'detour.to', message: 'no input "nwes"; inputs are chat, news' },
  ]);
  assert.deepEqual(faults({ detour, validateEvery: 0 }), [
    { path: 'detour', message: 'a detour begins when the held-out loss stalls, but validateEvery is 0' },
  ]);
  assert.deepEqual(faults({ detour }, ['news']), [
    { path: 'detour.to', message: 'training uses only "news", so there is nothing to return to after a detour' },
  ]);
  assert.deepEqual(faults({ detour, mix: only('news') }), [
    { path: 'detour.to', message: 'training uses only "news", so there is nothing to return to after a detour' },
  ]);
  assert.deepEqual(faults({ stop: { patience: 1 }, validateEvery: 0 }), [
    { path: 'stop.patience', message: 'patience counts validations, but validateEvery is 0' },
  ]);
  assert.deepEqual(faults({ mix: only('chat'), mixTemperature: 2 }), [
    { path: 'mixTemperature', message: 'has no effect, because `mix` sets the weights' },
  ]);
  assert.deepEqual(
    faults({
      mixPhases: [
        { untilStep: 20, mix: only('chat') },
        { untilStep: 20, mix: only('cat') },
      ],
    }),
    [
      { path: 'mixPhases.1.mix.0.from', message: 'no input "cat"; inputs are chat, news' },
      {
        path: 'mixPhases.1.untilStep',
        message: 'this phase must end after the previous one, which ends at step 20; it ends at step 20',
      },
    ],
  );
  assert.deepEqual(faults({ mixPhases: [{ untilStep: 100, mix: only('chat') }] }), [
    { path: 'mixPhases.0.untilStep', message: 'training ends at step 100, so `mix` would never be used' },
  ]);
  const review = { kind: 'perEpoch', from: 'news', share: 0.5, factor: 0.5 };
  assert.deepEqual(faults({ review }), []);
  assert.deepEqual(faults({ review, mix: only('news') })[0], {
    path: 'review.from',
    message: '"news" is already in the mix',
  });
  assert.deepEqual(faults({ review: { ...review, from: 'old' } }), [
    { path: 'review.from', message: 'no input "old"; inputs are chat, news' },
  ]);
});
