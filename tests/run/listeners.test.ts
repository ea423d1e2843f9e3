import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { RunEvent } from '../../src/pipeline/events.ts';
import { broadcast } from '../../src/run/listeners.ts';

const metric = (step: number): RunEvent => ({
  kind: 'stage-event',
  stage: 'model',
  replayed: false,
  event: { kind: 'metric', name: 'loss', step, value: 1, time: 1 },
});
const progress: RunEvent = {
  kind: 'stage-event',
  stage: 'model',
  replayed: false,
  event: { kind: 'progress', done: 1, total: 2, unit: 'steps', time: 1 },
};

test('a listener that the disk failed gets every event in order once it works again; the others are not disturbed', () => {
  const [heard, all, warnings]: [RunEvent[], RunEvent[], string[]] = [[], [], []];
  let full = false;
  const listen = broadcast(
    {
      'the journal': (event) => {
        if (full) throw Object.assign(new Error('no space left'), { code: 'ENOSPC' });
        heard.push(event);
      },
      other: (event) => all.push(event),
    },
    (text) => warnings.push(text),
  );
  const events = [1, 2, 3, 4, 5, 6].map(metric);
  for (const [index, event] of events.entries()) {
    full = index >= 1 && index <= 3;
    listen(event);
    if (full) listen(progress);
  }
  assert.deepEqual(heard, events);
  assert.equal(all.length, events.length + 3);
  assert.deepEqual(warnings, [
    'the journal failed: no space left; it will be retried',
    'the journal works again; it has missed nothing',
  ]);
});

test('an event that a listener cannot handle costs only that event', () => {
  const heard: RunEvent[] = [];
  const warnings: string[] = [];
  const listen = broadcast(
    {
      'the record': (event) => {
        if (event.kind === 'stage-event' && event.event.kind === 'progress') throw new Error('a fault in our program');
        heard.push(event);
      },
    },
    (text) => warnings.push(text),
  );
  for (const event of [metric(1), progress, metric(2), progress]) listen(event);
  assert.equal(heard.length, 2);
  assert.deepEqual(warnings, ['the record failed: a fault in our program']);
});
