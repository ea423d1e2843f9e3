import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { durationMs, isPossible, needsOf } from '../../src/pipeline/needs.ts';
import type { Needs } from '../../src/pipeline/needs.ts';
import { PATIENCE, inTurn, whoStarts } from '../../src/pipeline/slots.ts';
import type { Taken, Waiting } from '../../src/pipeline/slots.ts';

const wait = (id: number, needs: Partial<Needs>, more: Partial<Waiting> = {}): Waiting => ({
  id,
  needs: { cpu: 1, memory: 0, gpu: 0, ...needs },
  priority: 0,
  passed: 0,
  ...more,
});
const ids = (taken: Taken[]): number[] => taken.map(({ id }) => id);

test('two trainings that need every core run one after the other; small stages run beside one that leaves room', () => {
  const two = { capacity: { cpu: 2, memory: 8, gpus: [] }, jobs: Infinity };
  assert.deepEqual(ids(whoStarts([wait(0, { cpu: 2 }), wait(1, { cpu: 2 })], [], two)), [0]);
  assert.deepEqual(ids(whoStarts([wait(0, { cpu: 1 }), wait(1, { cpu: 2 }), wait(2, { cpu: 1 })], [], two)), [0, 2]);
  assert.deepEqual(ids(whoStarts([wait(0, { cpu: 1, memory: 5 }), wait(1, { cpu: 1, memory: 5 })], [], two)), [0]);
  assert.deepEqual(ids(whoStarts([wait(0, {}), wait(1, {})], [], { ...two, jobs: 1 })), [0]);
});

test('devices are assigned by id, each to one stage at a time', () => {
  const machine = { capacity: { cpu: 8, memory: 8, gpus: ['3', 'GPU-b', '0'] }, jobs: Infinity };
  const first = whoStarts([wait(0, { gpu: 2 }), wait(1, { gpu: 2 }), wait(2, { gpu: 1 })], [], machine);
  assert.deepEqual(
    first.map(({ id, gpus }) => [id, gpus]),
    [
      [0, ['3', 'GPU-b']],
      [2, ['0']],
    ],
  );
  assert.deepEqual(whoStarts([wait(1, { gpu: 2 })], first.slice(0, 1), machine), []);
});

test('lower priority numbers start first; a stage that does not fit is overtaken, but not forever', () => {
  const one = { capacity: { cpu: 2, memory: 8, gpus: [] }, jobs: Infinity };
  assert.deepEqual(
    ids(whoStarts([wait(0, { cpu: 2 }, { priority: 9 }), wait(1, { cpu: 2 }, { priority: 1 })], [], one)),
    [1],
  );
  const busy = [{ id: 7, needs: { cpu: 1, memory: 0, gpu: 0 }, gpus: [] }];
  assert.deepEqual(ids(whoStarts([wait(0, { cpu: 2 }), wait(1, {})], busy, one)), [1]);
  assert.deepEqual(ids(whoStarts([wait(0, { cpu: 2 }, { passed: PATIENCE }), wait(1, {})], busy, one)), []);
});

// Random machines and stages, which end in random order.
const machines = fc.record({
  cpu: fc.integer({ min: 1, max: 8 }),
  memory: fc.integer({ min: 1, max: 32 }),
  gpus: fc.uniqueArray(fc.stringMatching(/^[0-9]$/), { maxLength: 4 }),
});
const written = fc.record(
  {
    cpu: fc.option(fc.oneof(fc.integer({ min: 1, max: 12 }), fc.constant('all' as const)), { nil: undefined }),
    memory: fc.option(fc.integer({ min: 1, max: 50 }), { nil: undefined }),
    gpu: fc.integer({ min: 0, max: 4 }),
  },
  { requiredKeys: ['gpu'] },
);
const steps = fc.array(
  fc.record({
    comes: fc.boolean(),
    needs: written,
    computes: fc.boolean(),
    priority: fc.integer({ min: 0, max: 3 }),
    ends: fc.nat(),
  }),
  { maxLength: 60 },
);

test('slots are never oversubscribed, no device is assigned twice, no stage waits on an empty machine or is overtaken too often', () => {
  fc.assert(
    fc.property(machines, fc.integer({ min: 1, max: 6 }), steps, (capacity, jobs, plan) => {
      let waiting: Waiting[] = [];
      let taken: Taken[] = [];
      const letIn = (): void => {
        const starting = whoStarts(waiting, taken, { capacity, jobs });
        waiting = waiting.filter(({ id }) => !starting.some((each) => each.id === id));
        for (const each of waiting)
          if (starting.some((other) => inTurn(each, { id: other.id, priority: priorities.get(other.id)! }) < 0))
            each.passed++;
        taken = [...taken, ...starting];
        const sum = (of: (needs: Needs) => number): number => taken.reduce((total, { needs }) => total + of(needs), 0);
        assert.ok(
          sum(({ cpu }) => cpu) <= capacity.cpu &&
            sum(({ memory }) => memory) <= capacity.memory &&
            taken.length <= jobs,
        );
        const given = taken.flatMap(({ gpus }) => gpus);
        assert.ok(new Set(given).size === given.length && given.every((gpu) => capacity.gpus.includes(gpu)));
        assert.ok(taken.every(({ needs, gpus }) => needs.gpu === gpus.length));
        assert.ok(waiting.length === 0 || taken.length > 0, 'an empty machine lets somebody in');
        assert.ok(waiting.every(({ passed }) => passed <= PATIENCE));
      };
      const priorities = new Map<number, number>();
      for (const [id, { comes, needs, computes, priority, ends }] of plan.entries()) {
        if (comes && isPossible({ needs }, capacity)) {
          priorities.set(id, priority);
          waiting.push(wait(id, needsOf({ needs }, { computes, attempt: 1, capacity }), { priority }));
        } else taken = taken.filter((_, index) => index !== ends % taken.length);
        letIn();
      }
      while (taken.length) {
        taken = taken.slice(1);
        letIn();
      }
      assert.equal(waiting.length, 0, 'all had their turn');
    }),
    { numRuns: 500 },
  );
});

test('a stage that computes gets all cores by default, one that asks for too much gets everything, and memory grows with attempts', () => {
  const capacity = { cpu: 4, memory: 10, gpus: [] };
  const of = (needs: Parameters<typeof needsOf>[0]['needs'], attempt = 1, computes = true): Needs =>
    needsOf({ ...(needs ? { needs } : {}), retry: { times: 9, growMemory: 2 } }, { computes, attempt, capacity });
  assert.deepEqual(of(undefined), { cpu: 4, memory: 0, gpu: 0 });
  assert.deepEqual(of(undefined, 1, false), { cpu: 1, memory: 0, gpu: 0 });
  assert.deepEqual(of({ cpu: 'all', memory: 3 }, 1, false), { cpu: 4, memory: 3, gpu: 0 });
  assert.deepEqual(
    [1, 2, 3].map((attempt) => of({ cpu: 99, memory: 3 }, attempt).memory),
    [3, 6, 10],
  );
  assert.equal(of({ cpu: 99 }).cpu, 4);
});

test('durations', () => {
  assert.deepEqual(
    ['90s', '30m', '2h', '1d12h', '1h1m1s'].map(durationMs),
    [90_000, 1_800_000, 7_200_000, 129_600_000, 3_661_000],
  );
});
