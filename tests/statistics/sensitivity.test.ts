import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import {
  pairSensitivity,
  singlesLikePairs,
  singleSensitivity,
  unbiasedPairSensitivity,
} from '../../src/statistics/sensitivity.ts';
import { assertDigits } from './kit.ts';

const of = (hits: number, trials: number): { hits: number; trials: number } => ({ hits, trials });

test('d′ of pairs matches mpmath', () => {
  const known: [number, string, string | null][] = [
    [60, '.354664', '.179286'],
    [64, '.501701', '.181359'],
    [100, '3.647636', null],
  ];
  for (const [right, dPrime, standardError] of known) {
    const found = unbiasedPairSensitivity(of(right, 100));
    assertDigits(found.dPrime, dPrime, `${right}`);
    if (standardError) assertDigits(found.standardError, standardError, `${right}`);
  }
  const sided = pairSensitivity(of(40, 50), of(20, 50));
  assertDigits(sided.dPrime, '.755945');
  assertDigits(sided.bias, '-.286258');
  const alwaysLeft = pairSensitivity(of(50, 50), of(50, 50));
  assertDigits(alwaysLeft.dPrime, '.000000');
  assertDigits(alwaysLeft.bias, '-2.333769');
});

test('d′ of single texts matches mpmath', () => {
  const fair = singleSensitivity(of(30, 50), of(20, 50));
  assertDigits(fair.dPrime, '.496550');
  assertDigits(fair.standardError, '.253490');
  const yes = singleSensitivity(of(45, 50), of(25, 50));
  assertDigits(yes.dPrime, '1.238080');
  assertDigits(yes.bias, '-.619040');
});

test('d′ is finite, and turns round with the answers', () => {
  const count = fc.nat(200).chain((trials) => fc.nat(trials).map((hits) => of(hits, trials)));
  fc.assert(
    fc.property(count, count, (left, right) => {
      const { dPrime, bias } = pairSensitivity(left, right);
      const turned = pairSensitivity(
        of(left.trials - left.hits, left.trials),
        of(right.trials - right.hits, right.trials),
      );
      assert.ok(Number.isFinite(dPrime) && Number.isFinite(bias));
      assert.ok(Math.abs(dPrime + turned.dPrime) < 1e-9 && Math.abs(bias + turned.bias) < 1e-9);
      assert.ok(Math.abs(pairSensitivity(right, left).dPrime + dPrime) < 1e-9);
    }),
  );
});

// The numbers are from Python's NormalDist.
test('pairs are easier than single texts', () => {
  for (const [pairs, singles] of [
    [0.639936, '.600000'],
    [0.574074074, '.552530'],
    [0.9, '.817583'],
    [0.2, '.275883'],
  ] as const)
    assertDigits(singlesLikePairs(pairs), singles);
  assert.deepEqual([0, 0.5, 1].map(singlesLikePairs), [0, 0.5, 1]);
});
