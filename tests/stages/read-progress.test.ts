import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { StageEvent } from '../../src/pipeline/events.ts';
import { openReadProgress } from '../../stages/read-progress.ts';

test('what was read is told twice a second at most, with its rate, and at the end in any case', (context) => {
  context.mock.timers.enable({ apis: ['Date'], now: 0 });
  const told: StageEvent[] = [];
  const progress = openReadProgress(10e6, (event) => told.push(event));
  for (let turn = 0; turn < 5; turn++) {
    context.mock.timers.tick(200);
    progress.add(1e6);
  }
  assert.deepEqual(told, [{ kind: 'progress', done: 3, total: 10, unit: 'MB', note: '5.0 MB/s' }]);
  progress.add(5e6);
  progress.close();
  assert.deepEqual(told.at(-1), { kind: 'progress', done: 10, total: 10, unit: 'MB', note: '10.0 MB/s' });
  assert.equal(told.length, 2);
});
