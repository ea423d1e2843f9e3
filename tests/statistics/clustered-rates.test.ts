import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { clusteredFisherTest, designEffect } from '../../src/statistics/clustered-rates.ts';
import { fisherTest, type Rate } from '../../src/statistics/two-rates.ts';
import { assertDigits, seeded } from './kit.ts';

const of = (right: number, trials: number): Rate => ({ right, trials });

test('the design effect, worked out by hand', () => {
  // rate 1/2; (4 - 2)² + (0 - 2)² = 8, times 2/1; over 8 · 1/4 = 2
  assert.equal(designEffect([[of(4, 4), of(0, 4)]]), 8);
  // as even as can be: not below 1
  assert.equal(designEffect([[of(2, 4), of(2, 4)]]), 1);
  // one cluster tells nothing; none neither
  assert.equal(designEffect([[of(7, 9)], []]), 1);
  assert.equal(designEffect([[of(7, 9)], [of(4, 4), of(0, 4)]]), 8);
  // (8 · 2) and 0, over 2 and 2
  assert.equal(
    designEffect([
      [of(4, 4), of(0, 4)],
      [of(2, 4), of(2, 4)],
    ]),
    4,
  );
});

test('clusters count as the trials that say as much', () => {
  // Without a difference between clusters it is Fisher's test, here of scipy's 56/70 and 48/80.
  const even = (right: number, trials: number, count: number): Rate[] =>
    Array.from({ length: count }, () => of(right / count, trials / count));
  assertDigits(clusteredFisherTest(even(56, 70, 7), even(48, 80, 8)), '.012521130');
  // An effect of 8: 32 trials count as 4, 24 as 3.
  const apart = [of(4, 4), of(0, 4)];
  assert.equal(clusteredFisherTest([of(24, 24)], [...apart]), fisherTest(of(3, 3), of(1, 1)));
});

test('equal sides never differ, the sides can be exchanged, and no trials differ from nothing', () => {
  const rate = fc.integer({ min: 0, max: 20 }).chain((trials) => fc.nat(trials).map((right) => of(right, trials)));
  const side = fc.array(rate, { maxLength: 12 });
  fc.assert(
    fc.property(side, side, (a, b) => {
      assert.ok(clusteredFisherTest(a, a) > 1 - 1e-9);
      assert.ok(Math.abs(clusteredFisherTest(a, b) - clusteredFisherTest(b, a)) < 1e-9);
      assert.equal(clusteredFisherTest(a, []), 1);
    }),
  );
});

test('samples of clusters that are alike inside differ by chance as rarely as the level says', () => {
  const uniform = seeded(11);
  // Each cluster has its own rate, from 0 to 1 at random: ten trials say little more than one.
  const cluster = (): Rate => {
    const rate = uniform();
    return of(Array.from({ length: 10 }, () => uniform() < rate).filter(Boolean).length, 10);
  };
  const clusters = (count: number): Rate[] => Array.from({ length: count }, cluster);
  const sumOf = (side: Rate[]): Rate =>
    of(
      side.reduce((sum, { right }) => sum + right, 0),
      10 * side.length,
    );
  const found = { clustered: 0, plain: 0 };
  for (let i = 0; i < 400; i++) {
    const [a, b] = [clusters(12), clusters(60)];
    if (clusteredFisherTest(a, b) < 0.05) found.clustered++;
    if (fisherTest(sumOf(a), sumOf(b)) < 0.05) found.plain++;
  }
  assert.ok(found.clustered <= 20, `${found.clustered} of 400`);
  assert.ok(found.plain >= 60, `as independent trials: ${found.plain} of 400`);
});
