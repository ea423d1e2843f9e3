import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { auc } from '../../src/statistics/auc.ts';
import { solvePositiveDefinite } from '../../src/statistics/cholesky.ts';
import { fitCoefficients, fitLogistic, gramOf } from '../../src/statistics/logistic.ts';
import { crossValidated, flipTest, recognized } from '../../src/statistics/pair-classifier.ts';
import { assertDigits, seeded } from './kit.ts';

test('the area under the ROC curve', () => {
  assertDigits(auc([0.9, 0.8, 0.7, 0.55, 0.5], [0.6, 0.4, 0.3, 0.55, 0.2]), '.86');
  assert.ok(Number.isNaN(auc([], [1])));
  const scores = fc.array(fc.integer({ min: -5, max: 5 }), { minLength: 1, maxLength: 30 });
  fc.assert(
    fc.property(scores, scores, (a, b) => {
      const pairs = a.flatMap((x) => b.map((y) => (x > y ? 1 : x === y ? 0.5 : 0)));
      assert.ok(Math.abs(auc(a, b) - pairs.reduce<number>((sum, x) => sum + x, 0) / pairs.length) < 1e-12);
    }),
  );
});

const differences = [
  [1, 0.5],
  [0.2, -0.1],
  [-0.4, 0.3],
  [0.8, -0.6],
  [0.1, 0.9],
  [-0.3, -0.2],
];

test('logistic regression finds the weights that Newton and BFGS find', () => {
  const { weights, objective } = fitLogistic(differences, 1);
  assertDigits(weights[0]!, '.47328078');
  assertDigits(weights[1]!, '.28723302');
  assertDigits(objective, '3.936569102');
  // the other form, which is meant for more features than pairs
  const dual = fitCoefficients(gramOf(differences), 1);
  assertDigits(dual.objective, '3.936569102');
  for (const feature of [0, 1])
    assertDigits(
      differences.reduce((sum, row, i) => sum + dual.coefficients[i]! * row[feature]!, 0),
      ['.47328078', '.28723302'][feature]!,
    );
});

test('at the weights found, the gradient is zero, however the pairs lie', () => {
  const row = fc.integer({ min: 1, max: 12 }).chain((features) =>
    fc.array(fc.array(fc.double({ min: -50, max: 50, noNaN: true }), { minLength: features, maxLength: features }), {
      minLength: 1,
      maxLength: 8,
    }),
  );
  fc.assert(
    fc.property(row, fc.constantFrom(0.01, 1, 100), (rows, lambda) => {
      assertMinimum(rows, lambda);
    }),
  );
});

test('a step of Newton that leads too far is shortened', () => {
  const rows = [
    [0.08, 0.045, -0.246],
    [-0.021, -3.971, -0.298],
    [1.778, 42.015, -27.946],
    [48.608, -54.983, -2.287],
  ];
  assertMinimum(rows, 0.001);
});

test('a positive definite system is solved', () => {
  // [[4, 2], [2, 3]] · [1, 2] = [8, 8]
  assert.deepEqual(
    [...solvePositiveDefinite(Float64Array.of(4, NaN, 2, 3), Float64Array.of(8, 8))].map(Math.round),
    [1, 2],
  );
});

test('cross-validation tests each pair with the others only, in both forms alike', () => {
  const normal = seeded(5);
  const rows = Array.from({ length: 40 }, () =>
    Array.from({ length: 6 }, (_, i) => normal() - 0.5 + (i === 0 ? 0.2 : 0)),
  );
  const margins = crossValidated(rows, 10, 1)();
  const { weights } = fitLogistic(
    rows.filter((_, i) => i % 10 !== 3),
    1,
  );
  assert.ok(Math.abs(margins[13]! - rows[13]!.reduce((sum, x, i) => sum + x * weights[i]!, 0)) < 1e-12);
  // features that are always 0 change nothing but the form
  const wide = rows.map((row) => [...row, ...Array.from({ length: 60 }, () => 0)]);
  const signs = rows.map((_, i) => (i % 3 === 0 ? -1 : 1));
  const narrow = crossValidated(rows, 10, 1)(signs);
  crossValidated(wide, 10, 1)(signs).forEach((margin, i) => assert.ok(Math.abs(margin - narrow[i]!) < 1e-5));
});

test('pairs that differ are recognized and have a small p; pairs that do not are at chance', () => {
  const noise = seeded(6);
  const pairs = (shift: number): number[][] => Array.from({ length: 60 }, () => [noise() - 0.5 + shift, noise() - 0.5]);
  const judged = (rows: number[][]): { right: number; p: number } => {
    const margins = crossValidated(rows, 10, 1);
    const statistic = (signs?: ArrayLike<number>): number => recognized(margins(signs));
    return { right: statistic(), p: flipTest({ statistic, pairs: 60, permutations: 99, uniform: seeded(8) }) };
  };
  const apart = judged(pairs(0.3));
  assert.ok(apart.right > 45 && apart.p === 0.01, JSON.stringify(apart));
  const alike = judged(pairs(0));
  assert.ok(alike.right > 15 && alike.right < 45 && alike.p > 0.05, JSON.stringify(alike));
  // the sign is learnt: what is always lower is recognized as well
  assert.ok(judged(pairs(-0.3)).right > 45);
  assert.equal(recognized([1, -1, 0]), 1.5);
  // nothing to tell: every flip is as large
  assert.equal(flipTest({ statistic: () => 0, pairs: 5, permutations: 9, uniform: noise }), 1);
});

/** The gradient at the weights found is zero. */
function assertMinimum(rows: number[][], lambda: number): void {
  const { weights } = fitLogistic(rows, lambda);
  const gradient = weights.map((weight, j) =>
    rows.reduce((sum, x) => {
      const margin = x.reduce((total, value, i) => total + value * weights[i]!, 0);
      return sum - x[j]! / (1 + Math.exp(margin));
    }, lambda * weight),
  );
  assert.ok(Math.max(...gradient.map(Math.abs)) < 1e-4, `${gradient}`);
}
