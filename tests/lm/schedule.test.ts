import { test } from 'node:test';
import assert from 'node:assert/strict';
import { rateAt, type Schedule } from '../../src/lm/schedule.ts';

const close = (found: number, expected: number): void => assert.ok(Math.abs(found - expected) < 1e-12, `${found} is not ${expected}`);

test('the corners of each kind', () => {
  const table: [Schedule, number, [step: number, rate: number][]][] = [
    [{ kind: 'constant', peak: 2, warmupSteps: 0 }, 10, [[0, 2], [5, 2], [9, 2], [10, 2]]],
    [{ kind: 'constant', peak: 2, warmupSteps: 3 }, 10, [[0, 0.5], [1, 1], [2, 1.5], [3, 2], [9, 2]]],
    [{ kind: 'linear', peak: 1, floor: 0, warmupSteps: 0 }, 10, [[0, 1], [5, 0.5], [9, 0.1], [10, 0], [99, 0]]],
    [{ kind: 'linear', peak: 1, floor: 0.2, warmupSteps: 4 }, 12, [[0, 0.2], [3, 0.8], [4, 1], [8, 0.6], [11, 0.3], [12, 0.2]]],
    [{ kind: 'cosine', peak: 1, floor: 0, warmupSteps: 0 }, 4, [[0, 1], [1, (1 + Math.SQRT1_2) / 2], [2, 0.5], [3, (1 - Math.SQRT1_2) / 2], [4, 0]]],
    [{ kind: 'cosine', peak: 3, floor: 1, warmupSteps: 1 }, 5, [[0, 1.5], [1, 3], [3, 2], [5, 1], [1000, 1]]],
  ];
  for (const [schedule, steps, points] of table) for (const [step, rate] of points) close(rateAt(schedule, step, steps), rate);
});

test('a warm-up longer than the training never divides by zero', () => {
  for (const kind of ['linear', 'cosine'] as const) {
    const schedule: Schedule = { kind, peak: 1, floor: 0, warmupSteps: 10 };
    close(rateAt(schedule, 4, 5), 5 / 11);
    close(rateAt({ ...schedule, warmupSteps: 5 }, 5, 5), 0);
  }
});

test('the only step of a training of one step is made at the peak', () => {
  close(rateAt({ kind: 'cosine', peak: 1, floor: 0, warmupSteps: 0 }, 0, 1), 1);
});
