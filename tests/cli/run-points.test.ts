import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { runPoints } from '../../src/cli/run/run-points.ts';

const never = new AbortController().signal;

test('points start in order, several at once, and results are in the order of the points', async () => {
  const started: number[] = [];
  let now = 0;
  let most = 0;
  const run = async (point: number): Promise<string> => {
    started.push(point);
    most = Math.max(most, ++now);
    await sleep(point === 0 ? 30 : 5);
    now--;
    return `r${point}`;
  };
  assert.deepEqual(await runPoints([0, 1, 2, 3, 4], { atOnce: 2, noNew: never, run }), ['r0', 'r1', 'r2', 'r3', 'r4']);
  assert.deepEqual(started, [0, 1, 2, 3, 4]);
  assert.equal(most, 2);
});

test('a point that throws does not stop the others; after `noNew` none starts', async () => {
  const done: number[] = [];
  const throwing = runPoints([0, 1, 2], {
    atOnce: 1,
    noNew: never,
    run: async (point) => (point === 0 ? Promise.reject(new Error('a bug')) : void done.push(point)),
  });
  await assert.rejects(throwing, /a bug/);
  assert.deepEqual(done, [1, 2]);
  const stop = new AbortController();
  const run = async (point: number): Promise<number> => (point === 1 && stop.abort(), point);
  assert.deepEqual(await runPoints([0, 1, 2, 3], { atOnce: 1, noNew: stop.signal, run }), [0, 1]);
});
