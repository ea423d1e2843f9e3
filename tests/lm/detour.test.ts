import { test } from 'node:test';
import assert from 'node:assert/strict';
import fc from 'fast-check';
import { planBatches } from '../../src/lm/data/batches.ts';
import {
  afterValidation,
  isOnDetourAt,
  NO_DETOUR,
  type DetourRule,
  type DetourState,
} from '../../src/lm/training/detour.ts';
import { stallAfter, stopReason } from '../../src/lm/training/stop-rule.ts';
import { UNMEASURED } from '../../src/lm/training/stall.ts';
import type { TokenStream } from '../../src/lm/data/token-stream.ts';

const rule: DetourRule = { patience: 2, minDelta: 0.1, steps: 15, max: 2 };

function stateAfter(losses: [step: number, loss: number][], start: DetourState = NO_DETOUR): DetourState {
  return losses.reduce((state, [step, loss]) => afterValidation(rule, state, { step, loss }), start);
}

test('by hand: two validations that do not fall by enough, then a detour, then back', () => {
  // 3.0, then 2.5; neither 2.45 nor 2.41 is lower by 0.1, so the second one begins a detour
  const before = stateAfter([
    [0, 3],
    [10, 2.5],
    [20, 2.45],
  ]);
  assert.deepEqual(before, { best: 2.5, stalled: 1, taken: [] });
  const away = stateAfter([[30, 2.41]], before);
  assert.deepEqual(away, { best: null, stalled: 0, taken: [{ from: 30, to: 45 }] });
  assert.deepEqual(
    [29, 30, 44, 45].map((step) => isOnDetourAt(away, step)),
    [false, true, true, false],
  );
  // Losses during a detour do not count; the first one after it is what later ones are compared with.
  const back = stateAfter(
    [
      [40, 9],
      [50, 4],
      [60, 4.1],
    ],
    away,
  );
  assert.deepEqual(back, { best: 4, stalled: 1, taken: [{ from: 30, to: 45 }] });
  const second = stateAfter([[70, 3.95]], back);
  assert.deepEqual(second.taken, [
    { from: 30, to: 45 },
    { from: 70, to: 85 },
  ]);
  assert.equal(
    stateAfter(
      [
        [90, 5],
        [100, 5],
        [110, 5],
        [120, 5],
      ],
      second,
    ).taken.length,
    2,
    'never more than max',
  );
});

test('for any losses: at most max detours, no overlaps, none before patience + 1 validations, same result when resumed', () => {
  const rules = fc.record({
    patience: fc.integer({ min: 1, max: 4 }),
    minDelta: fc.constantFrom(0, 0.05, 0.5),
    steps: fc.integer({ min: 1, max: 60 }),
    max: fc.integer({ min: 1, max: 4 }),
  });
  fc.assert(
    fc.property(
      rules,
      fc.array(fc.double({ min: 0, max: 3, noNaN: true }), { maxLength: 60 }),
      fc.nat({ max: 60 }),
      (rule, losses, cut) => {
        const each = (state: DetourState, loss: number, index: number): DetourState =>
          afterValidation(rule, state, { step: index * 10, loss });
        const whole = losses.reduce(each, NO_DETOUR);
        // as after a kill, when the state is read back from JSON
        const saved = JSON.parse(JSON.stringify(losses.slice(0, cut).reduce(each, NO_DETOUR))) as DetourState;
        assert.deepEqual(
          losses.slice(cut).reduce((state, loss, index) => each(state, loss, cut + index), saved),
          whole,
        );
        assert.ok(whole.taken.length <= rule.max);
        whole.taken.forEach(({ from, to }, index) => {
          assert.equal(to - from, rule.steps);
          const back = index === 0 ? 0 : whole.taken[index - 1]!.to;
          assert.ok(from >= Math.ceil(back / 10) * 10 + rule.patience * 10, `${back} → ${from}`);
        });
      },
    ),
    { numRuns: 300 },
  );
});

test('constant improvement never starts a detour', () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 50 }), (count) => {
      assert.deepEqual(stateAfter(Array.from({ length: count }, (_, i) => [10 * i, 100 - 0.11 * i])).taken, []);
    }),
  );
});

test('a detour draws only from the other stream, and the main stream then continues where it was', () => {
  const counting = (tokens: number): TokenStream => ({
    tokens,
    read: (start, length) => Uint32Array.from({ length }, (_, i) => start + i),
  });
  const taken = [
    { from: 7, to: 19 },
    { from: 30, to: 41 },
  ];
  const plan = (detours: typeof taken) => {
    const mix = [
      { stream: counting(90), weight: 1 },
      { stream: counting(70), weight: 0 },
    ];
    return planBatches({
      mix,
      context: 4,
      batchSize: 3,
      seed: 5,
      weightsAt: ({ step }) => (isOnDetourAt({ ...NO_DETOUR, taken: detours }, step) ? [0, 1] : [1, 0]),
    });
  };
  const straight = plan([]);
  const bent = plan(taken);
  const other: number[] = [];
  let main = 0;
  for (let step = 0; step < 60; step++) {
    const windows = bent.windowsAt(step);
    if (taken.some(({ from, to }) => step >= from && step < to)) {
      assert.ok(windows.every(({ from }) => from === 1));
      other.push(...windows.map(({ start }) => start));
    } else assert.deepEqual(windows, straight.windowsAt(main++));
  }
  const windows = bent.windowsPerEpoch[1]!;
  assert.ok(other.length > 3 * windows);
  for (let first = 0; first + windows <= other.length; first += windows)
    assert.equal(new Set(other.slice(first, first + windows)).size, windows);
  assert.equal(bent.epochsBefore(60), straight.epochsBefore(main));
});

test('training ends by tokens, epochs or patience, whichever comes first', () => {
  const now = { tokens: 99, epochs: 1.9, stall: UNMEASURED };
  assert.equal(stopReason({ tokens: 100, epochs: 2, patience: 1, minDelta: 0 }, now), null);
  assert.match(stopReason({ tokens: 99, minDelta: 0 }, now)!, /99 tokens seen/);
  assert.match(stopReason({ epochs: 1.9, minDelta: 0 }, now)!, /1\.9 epochs/);
  const stop = { patience: 2, minDelta: 0.01 };
  const stalls = [2, 1.995, 1.98, 1.98, 1.975].map(
    (
      (stall) => (loss: number) =>
        (stall = stallAfter(stop, stall, loss))
    )(UNMEASURED),
  );
  assert.deepEqual(
    stalls.map((stall) => stopReason(stop, { ...now, stall }) !== null),
    [false, false, false, false, true],
  );
});
