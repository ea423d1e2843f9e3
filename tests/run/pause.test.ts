import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import type { RunEvent } from '../../src/pipeline/events.ts';
import type { Key } from '../../src/pipeline/plan/key.ts';
import { eventsAt, metricUpTo, pausedStep } from '../../src/history/stage-metrics.ts';
import { artifactDir, openStore } from '../../src/store/store.ts';
import { countStage, execute, openSession } from '../kit/execute.ts';
import { temporaryDir } from '../kit/temporary.ts';

const steps = (events: RunEvent[], replayed: boolean) =>
  events.flatMap((event) =>
    event.kind === 'stage-event' && event.event.kind === 'metric' && event.replayed === replayed
      ? [event.event.step]
      : [],
  );
const started = (events: RunEvent[]) => events.filter(({ kind }) => kind === 'stage-started').length;

test('a stage pauses at its step; stages that depend on it are skipped; it resumes and gives the same result', async (context) => {
  const store = openStore(temporaryDir(context));
  const stages = [
    countStage('long', { to: 6 }),
    countStage('after', { to: 1 }, { from: 'long' }),
    countStage('free', { to: 1 }),
  ];
  const summary = (results: { name: string; outcome: string; pausedAt?: number; resumedAt?: number }[]) =>
    results.map(({ name, outcome, pausedAt, resumedAt }) => [name, outcome, pausedAt ?? resumedAt ?? null]);

  const first = execute(openSession(store), stages, { pauses: { long: 2 } });
  const results = await first.results;
  assert.deepEqual(summary(results), [
    ['long', 'paused', 2],
    ['after', 'skipped', null],
    ['free', 'ran', null],
  ]);
  assert.deepEqual(steps(first.events, false).length, 3);
  const key = results[0]!.key as Key;
  assert.equal(pausedStep(store, key), 2);
  assert.deepEqual(
    [
      metricUpTo(eventsAt(store, key), 'count', 1),
      metricUpTo(eventsAt(store, key), 'count', 9),
      metricUpTo(eventsAt(store, key), 'none', 9),
    ],
    [{ step: 1, value: 10 }, { step: 2, value: NaN }, null],
  );

  // To pause at the same or an earlier step again, no process is started; the events are replayed.
  for (const pauseAt of [2, 1]) {
    const again = execute(openSession(store), stages, { pauses: { long: pauseAt } });
    assert.deepEqual(summary(await again.results)[0], ['long', 'paused', 2]);
    assert.equal(started(again.events), 0);
    assert.deepEqual(steps(again.events, true).sort(), [1, 1, 2], 'steps of `long`, and of `free`, which is cached');
  }

  const further = execute(openSession(store), stages, { pauses: { long: 4 } });
  assert.deepEqual(summary(await further.results)[0], ['long', 'paused', 4]);
  assert.deepEqual(steps(further.events, false), [3, 4]);

  // Without the pause it is the same stage at the same key.
  const rest = execute(openSession(store), stages);
  const ended = await rest.results;
  assert.deepEqual(summary(ended), [
    ['long', 'resumed', 4],
    ['after', 'ran', null],
    ['free', 'cached', null],
  ]);
  assert.equal(ended[0]!.key, key);
  assert.equal(readFileSync(join(artifactDir(store, ended[1]!.artifact as never), 'count.txt'), 'utf8'), '6\n1\n');
  assert.equal(pausedStep(store, key), null);
});

test('a stage does not pause at its last step', async (context) => {
  const store = openStore(temporaryDir(context));
  const [result] = await execute(openSession(store), [countStage('short', { to: 3 })], { pauses: { short: 3 } })
    .results;
  assert.equal(result?.outcome, 'ran');
});
