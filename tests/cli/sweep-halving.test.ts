import assert from 'node:assert/strict';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import type { TestContext } from 'node:test';
import type { StageResult } from '../../src/pipeline/events.ts';
import type { Halving } from '../../src/pipeline/sweep/schema.ts';
import { runHalving } from '../../src/cli/run/sweep-halving.ts';
import type { RunSummary } from '../../src/cli/run/run-point.ts';
import { openStore } from '../../src/store/store.ts';
import type { Store } from '../../src/store/store.ts';
import { temporaryDir } from '../kit/temporary.ts';

const STEPS = 9;
const halving: Halving = { stage: 'model', metric: 'loss', goal: 'min', rungs: [1, 3], keepOneIn: 3 };

/** Trainings that only report events. `losses[point]` is the loss at every step; they end after `STEPS`. */
function fakeTrainings(
  store: Store,
  losses: (number | 'fails')[],
  { latency = () => 1 }: { latency?: () => number } = {},
) {
  const reached = losses.map(() => 0);
  const log: string[] = [];
  const running = new Set<number>();
  let mostAtOnce = 0;
  const run = async (
    point: number,
    before: RunSummary | undefined,
    pauseAt: number | undefined,
  ): Promise<RunSummary> => {
    assert.ok(!running.has(point), 'a point must not run twice at once');
    running.add(point);
    mostAtOnce = Math.max(mostAtOnce, running.size);
    await new Promise((resolve) => setTimeout(resolve, latency()));
    running.delete(point);
    log.push(`${point}→${pauseAt ?? 'end'}`);
    const stage = (outcome: StageResult['outcome'], more: Partial<StageResult> = {}): StageResult => ({
      name: 'model',
      kind: 'train',
      outcome,
      key: `k${point}`,
      artifact: null,
      seconds: 0,
      ...more,
    });
    const summary = (ok: boolean, one: StageResult): RunSummary => ({
      run: before?.run ?? `r${point}`,
      runUid: '',
      dir: '',
      ok,
      ...(one.outcome === 'paused' ? { paused: true as const } : {}),
      stages: [one],
    });
    if (losses[point] === 'fails') return summary(false, stage('failed', { error: 'no' }));
    reached[point] = Math.max(reached[point]!, pauseAt ?? STEPS);
    const dir = join(store.dir, 'work', `k${point}`);
    mkdirSync(dir, { recursive: true });
    writeFileSync(
      join(dir, 'events.jsonl'),
      Array.from(
        { length: reached[point] },
        (_, step) =>
          `${JSON.stringify({ kind: 'metric', name: 'loss', step: step + 1, value: losses[point], time: 1 })}\n`,
      ).join(''),
    );
    return reached[point] >= STEPS
      ? summary(true, stage('ran', { artifact: 'a' }))
      : summary(true, stage('paused', { pausedAt: reached[point] }));
  };
  return { run, log, reached, mostAtOnce: () => mostAtOnce };
}

const storeOf = (context: TestContext): Store => openStore(join(temporaryDir(context), 'store'));
const points = (count: number) => Array.from({ length: count }, (_, point) => point);
const never = new AbortController().signal;

test('one at a time: the best points continue rung by rung, always in the same order', async (context) => {
  const store = storeOf(context);
  const trainings = fakeTrainings(store, [5, 3, 9, 1, 7, 2, 8, 4, 6]);
  const runs = await runHalving(points(9), {
    halving,
    store,
    atOnce: 1,
    noNew: never,
    say: assert.fail,
    run: trainings.run,
  });
  // the best 3 of 9 are points 3, 5, 1; 3 is the best of them. With two results missing it is sure of its rank, so it continues
  assert.deepEqual(trainings.log, [
    '0→1',
    '1→1',
    '2→1',
    '3→1',
    '4→1',
    '5→1',
    '6→1',
    '3→3',
    '7→1',
    '5→3',
    '8→1',
    '1→3',
    '3→end',
  ]);
  assert.deepEqual(
    runs.map(({ run }) => run),
    points(9).map((point) => `r${point}`),
  );
  assert.deepEqual(
    runs.map(({ paused }) => paused === true),
    points(9).map((point) => point !== 3),
  );
});

test('several at a time: the same points continue whichever ends first, and the limit is respected', async (context) => {
  const losses = Array.from({ length: 27 }, (_, point) => (point * 11) % 27);
  const ends = async (atOnce: number) => {
    const store = storeOf(context);
    const trainings = fakeTrainings(store, losses, { latency: () => Math.random() * 4 });
    await runHalving(points(27), { halving, store, atOnce, noNew: never, say: assert.fail, run: trainings.run });
    assert.equal(trainings.mostAtOnce(), atOnce);
    return trainings.reached;
  };
  assert.deepEqual(await ends(4), await ends(1));
});

test('a half-done sweep that is run again decides the same and trains nothing twice', async (context) => {
  const store = storeOf(context);
  const trainings = fakeTrainings(store, [5, 3, 9, 1, 7, 2, 8, 4, 6]);
  const stop = new AbortController();
  await runHalving(points(9), {
    halving,
    store,
    atOnce: 1,
    noNew: stop.signal,
    say: assert.fail,
    run: async (...args) => {
      if (trainings.log.length === 9) stop.abort();
      return trainings.run(...args);
    },
  });
  assert.equal(trainings.log.length, 10);
  trainings.log.length = 0;
  await runHalving(points(9), { halving, store, atOnce: 1, noNew: never, say: assert.fail, run: trainings.run });
  assert.deepEqual(trainings.reached, [1, 3, 1, 9, 1, 3, 1, 1, 1]);
  // 3 and 5 reached the second rung before, so their results there are known without running them
  assert.deepEqual(trainings.log, ['0→1', '1→1', '2→1', '3→1', '4→1', '5→1', '6→1', '7→1', '8→1', '1→3', '3→end']);
  trainings.log.length = 0;
  await runHalving(points(9), { halving, store, atOnce: 1, noNew: never, say: assert.fail, run: trainings.run });
  assert.deepEqual(trainings.log, ['0→1', '1→1', '2→1', '3→1', '4→1', '5→1', '6→1', '7→1', '8→1']);
});

test('failed points never continue and do not stop others; a metric that no stage reports is named once, with suggestions', async (context) => {
  const store = storeOf(context);
  const trainings = fakeTrainings(store, ['fails', 3, 'fails', 1, 7, 2]);
  const runs = await runHalving(points(6), {
    halving,
    store,
    atOnce: 2,
    noNew: never,
    say: assert.fail,
    run: trainings.run,
  });
  assert.deepEqual(trainings.reached, [0, 1, 0, 9, 1, 3]);
  assert.equal(runs.filter(({ ok }) => !ok).length, 2);

  const messages: string[] = [];
  const other = storeOf(context);
  const nothing = await runHalving(points(3), {
    halving: { ...halving, metric: 'lost' },
    store: other,
    atOnce: 1,
    noNew: never,
    say: (text) => messages.push(text),
    run: fakeTrainings(other, [1, 2, 3]).run,
  });
  assert.deepEqual(messages, ['"model" reported no lost up to step 1: did you mean "loss"?']);
  assert.equal(nothing.length, 3);
});

test('an error of a run is thrown once the others have ended', async (context) => {
  const store = storeOf(context);
  const trainings = fakeTrainings(store, [1, 2, 3]);
  const failing = runHalving(points(3), {
    halving,
    store,
    atOnce: 1,
    noNew: never,
    say: assert.fail,
    run: (point, ...rest) => (point === 0 ? Promise.reject(new Error('a bug')) : trainings.run(point, ...rest)),
  });
  await assert.rejects(failing, /a bug/);
  assert.deepEqual(trainings.log, ['1→1', '2→1']);
});
