import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { RunEvent } from '../../src/pipeline/events.ts';
import { workedTime } from '../../src/history/worked-time.ts';

const begins = (stage: string, time: number): RunEvent => ({ kind: 'stage-started', stage, time });
const ends = (name: string, time: number): RunEvent => ({
  kind: 'stage-finished',
  result: { name, kind: 'k', outcome: 'ran', key: null, artifact: null, seconds: 0 },
  dir: null,
  time,
});

test('a run works while at least one of its stages runs: waiting and cached stages do not count', () => {
  const worked = workedTime();
  for (const event of [
    ends('cached', 500),
    begins('a', 1000),
    begins('b', 2000),
    ends('a', 3000),
    ends('b', 5000),
    begins('waited for its turn', 60_000),
    ends('waited for its turn', 61_000),
  ])
    worked.note(event);
  assert.equal(worked.seconds(), 5);
});
