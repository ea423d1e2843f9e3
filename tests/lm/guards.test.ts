import { test } from 'node:test';
import assert from 'node:assert/strict';
import {
  afterStep,
  limitsOf,
  NO_LIMIT,
  NO_SKIPS,
  OUTLIER_WINDOW,
  type GuardState,
} from '../../src/lm/training/guards.ts';

const off = { stopAfter: 3, skipOutliers: 0 };
const on = { stopAfter: 3, skipOutliers: 4 };
const steps = (
  guards: typeof on,
  count: number,
  of: (step: number) => { loss: number; gradientNorm: number; applied: boolean },
  from: GuardState = NO_SKIPS,
): GuardState =>
  Array.from({ length: count }, (_, step) => of(step)).reduce((state, step) => afterStep(guards, state, step), from);
const even = (step: number) => ({ loss: step % 2 === 0 ? 3 : 5, gradientNorm: 1, applied: true });

test('unless outliers are skipped, only values that are not finite are above the limits, and none are stored', () => {
  assert.deepEqual(limitsOf(off, NO_SKIPS), { lossLimit: NO_LIMIT, normLimit: NO_LIMIT });
  assert.equal(Float32Array.of(NO_LIMIT)[0], NO_LIMIT);
  assert.equal(Float32Array.of(NO_LIMIT * 1.0000001)[0], Infinity);
  assert.deepEqual(steps(off, 300, even), NO_SKIPS);
});

test('counts steps in a row that are not finite, until one is', () => {
  const broken = { loss: NaN, gradientNorm: NaN, applied: false };
  const wild = { loss: 2, gradientNorm: Infinity, applied: false };
  const good = { loss: 2, gradientNorm: 1, applied: true };
  const found: GuardState[] = [];
  for (const step of [broken, wild, good, broken]) found.push(afterStep(off, found.at(-1) ?? NO_SKIPS, step));
  assert.deepEqual(
    found.map(({ inARow, skipped }) => [inARow, skipped]),
    [
      [1, 1],
      [2, 2],
      [0, 2],
      [1, 3],
    ],
  );
});

test('the limits are the given number of deviations above the mean of the last 128 steps, once there are that many', () => {
  assert.deepEqual(limitsOf(on, steps(on, OUTLIER_WINDOW - 1, even)), { lossLimit: NO_LIMIT, normLimit: NO_LIMIT });
  // 3 and 5 alternating: mean 4, deviation 1.
  assert.deepEqual(limitsOf(on, steps(on, OUTLIER_WINDOW, even)), { lossLimit: 8, normLimit: 1 });
  assert.equal(steps(on, 1000, even).losses.length, OUTLIER_WINDOW);
  const later = steps(on, OUTLIER_WINDOW, () => ({ loss: 7, gradientNorm: 2, applied: true }), steps(on, 50, even));
  assert.deepEqual(limitsOf(on, later), { lossLimit: 7, normLimit: 2 });
});

test('a skipped outlier is added to the window, so a lasting change is not skipped forever; a broken step is not', () => {
  const full = steps(on, OUTLIER_WINDOW, even);
  const spike = afterStep(on, full, { loss: 20, gradientNorm: 1, applied: false });
  assert.deepEqual([spike.skipped, spike.inARow, spike.losses.at(-1), spike.losses.length], [1, 0, 20, OUTLIER_WINDOW]);
  assert.ok(limitsOf(on, spike).lossLimit > limitsOf(on, full).lossLimit);
  let state = full;
  let skipped = 0;
  for (; 20 > limitsOf(on, state).lossLimit; skipped++)
    state = afterStep(on, state, { loss: 20, gradientNorm: 1, applied: false });
  assert.ok(skipped > 0 && skipped < 20, `${skipped} skipped`);
  assert.deepEqual(afterStep(on, full, { loss: NaN, gradientNorm: 1, applied: false }).losses, full.losses);
});
