import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { StageEvent } from '../../src/pipeline/events.ts';
import { openReadProgress } from '../../stages/read-progress.ts';

test('reports progress and rate at most twice a second, and always at the end', (context) => {
  context.mock.timers.enable({ apis: ['Date'], now: 0 });
  const reported: StageEvent[] = [];
  const progress = openReadProgress(10e6, (event) => reported.push(event));
  for (let turn = 0; turn < 5; turn++) {
    context.mock.timers.tick(200);
    progress.add(1e6);
  }
  assert.deepEqual(reported, [{ kind: 'progress', done: 3, total: 10, unit: 'MB', note: '5.0 MB/s' }]);
  progress.add(5e6);
  progress.close();
  assert.deepEqual(reported.at(-1), { kind: 'progress', done: 10, total: 10, unit: 'MB', note: '10.0 MB/s' });
  assert.equal(reported.length, 2);
});
