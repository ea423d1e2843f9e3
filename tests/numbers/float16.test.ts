import fc from 'fast-check';
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { float16Of } from '../../src/numbers/float16.ts';

const halfOf = (value: number): number => float16Of(Float32Array.of(value))[0]!;

/** The number that a half means, by its definition. */
function valueOf(half: number): number {
  const exponent = (half >> 10) & 31;
  const fraction = half & 1023;
  const magnitude = exponent === 0 ? fraction * 2 ** -24 : (1 + fraction / 1024) * 2 ** (exponent - 15);
  return half & 0x8000 ? -magnitude : magnitude;
}

test('every half is itself', () => {
  for (let half = 0; half < 2 ** 16; half++) if (((half >> 10) & 31) !== 31) assert.equal(halfOf(valueOf(half)), half);
});

test("rounds as numpy does: ties to even, subnormal numbers, numbers too large, and those that aren't any", () => {
  const given = [65504, 65519.99, 65520, 2 ** -24, 2 ** -25, 2 ** -25 * 1.0000001, 3 * 2 ** -25, 2 ** -14 - 2 ** -25];
  const more = [1 + 2 ** -11, 1 + 3 * 2 ** -11, -1e-10, NaN, Infinity, -Infinity];
  assert.deepEqual(
    [...given, ...more].map(halfOf),
    [31743, 31743, 31744, 1, 0, 1, 2, 1024, 15360, 15362, 32768, 32256, 31744, 64512],
  );
});

test('no half is nearer than the one chosen', () => {
  fc.assert(
    fc.property(fc.float({ min: -65504, max: 65504, noNaN: true }), (value) => {
      const half = halfOf(value);
      const apart = Math.abs(valueOf(half) - value);
      for (const other of [half - 1, half + 1])
        if (((other >> 10) & 31) !== 31 && (other & 0x8000) === (half & 0x8000)) {
          const otherApart = Math.abs(valueOf(other) - value);
          assert.ok(apart < otherApart || (apart === otherApart && half % 2 === 0), `${value}`);
        }
    }),
    { numRuns: 5000 },
  );
});
