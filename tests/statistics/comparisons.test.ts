import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { cohenKappa, krippendorffAlpha } from '../../src/statistics/agreement.ts';
import { crossedBootstrap, crossedDifference } from '../../src/statistics/bootstrap.ts';
import { chiSquaredAtLeast, heterogeneity } from '../../src/statistics/chi-squared.ts';
import { holm } from '../../src/statistics/holm.ts';
import { fisherTest, mcNemarTest, newcombeInterval } from '../../src/statistics/two-rates.ts';
import { assertDigits, seeded } from './kit.ts';

const of = (right: number, trials: number): { right: number; trials: number } => ({ right, trials });

// Computed with scipy; Newcombe's second interval and Krippendorff's first α are published examples.
test('two rates: Fisher, Newcombe and McNemar', () => {
  assertDigits(fisherTest(of(60, 100), of(75, 100)), '.034143802');
  assertDigits(fisherTest(of(56, 70), of(48, 80)), '.012521130');
  const first = newcombeInterval(of(60, 100), of(75, 100));
  assertDigits(first.low, '-.273130');
  assertDigits(first.high, '-.020133');
  const second = newcombeInterval(of(56, 70), of(48, 80));
  assertDigits(second.low, '.052431');
  assertDigits(second.high, '.333873');
  assertDigits(mcNemarTest(15, 6), '.078353882');
  assertDigits(mcNemarTest(25, 12), '.047031027');
});

test('two rates: the order does not matter, and the interval contains the difference', () => {
  const rate = fc.integer({ min: 1, max: 150 }).chain((trials) => fc.nat(trials).map((right) => of(right, trials)));
  fc.assert(
    fc.property(rate, rate, (a, b) => {
      assert.ok(Math.abs(fisherTest(a, b) - fisherTest(b, a)) < 1e-9);
      const { low, high } = newcombeInterval(a, b);
      const turned = newcombeInterval(b, a);
      const difference = a.right / a.trials - b.right / b.trials;
      assert.ok(-1 - 1e-12 <= low && low <= difference && difference <= high && high <= 1 + 1e-12);
      assert.ok(Math.abs(low + turned.high) < 1e-12 && Math.abs(high + turned.low) < 1e-12);
    }),
  );
});

test('several judges: heterogeneity, Holm, Krippendorff and Cohen', () => {
  const { chiSquared, freedom, p } = heterogeneity([of(60, 100), of(75, 100), of(52, 100), of(0, 0)]);
  assertDigits(chiSquared, '11.613270');
  assert.equal(freedom, 2);
  assertDigits(p, '.003007534');
  assert.deepEqual(heterogeneity([of(5, 5), of(9, 9)]), { chiSquared: 0, freedom: 1, p: 1 });
  assert.deepEqual(heterogeneity([]), { chiSquared: 0, freedom: 0, p: 1 });
  assert.deepEqual(holm([0.01, 0.04, 0.03, 0.005]), [0.03, 0.06, 0.06, 0.02]);
  assert.deepEqual(holm([]), []);
  assertDigits(
    cohenKappa([
      [20, 5],
      [10, 15],
    ]),
    '.4',
  );
  const judges = (third: string): (string | null)[][] =>
    ['1101011011', '1001011111', third].map((row) => [...row].map((answer) => (answer === '·' ? null : answer)));
  assertDigits(krippendorffAlpha(judges('110·010010')), '.434343');
  assertDigits(krippendorffAlpha(judges('110010·010')), '.151515');
});

test("Krippendorff's published example: four observers, twelve units, gaps", () => {
  const rows = [
    '1 2 3 3 2 1 4 1 2 · · ·',
    '1 2 3 3 2 2 4 1 2 5 · 3',
    '· 3 3 3 2 3 4 2 2 5 1 ·',
    '1 2 3 3 2 4 4 1 2 5 1 ·',
  ];
  const answers = rows.map((row) => row.split(' ').map((answer) => (answer === '·' ? null : Number(answer))));
  assertDigits(krippendorffAlpha(answers), '.743421');
  assert.ok(
    Number.isNaN(krippendorffAlpha([])) &&
      Number.isNaN(
        krippendorffAlpha([
          [1, 1],
          [1, 1],
        ]),
      ),
  );
  assert.equal(
    krippendorffAlpha([
      [1, 2],
      [1, 2],
    ]),
    1,
  );
});

test('the tail of χ² matches scipy', () => {
  const known: [number, number, string][] = [
    [3.841458820694124, 1, '.05'],
    [0.1, 1, '.751829634'],
    [30, 1, '4.320463e-8'],
    [100, 1, '1.523971e-23'],
    [200, 5, '2.840623e-41'],
    [10, 3, '.018566135'],
    [25, 5, '.000139334'],
    [7, 4, '.135888225'],
    [80, 60, '.043228682'],
    [3, 61, '1.000000000'],
  ];
  for (const [x, freedom, p] of known) assertDigits(chiSquaredAtLeast(x, freedom), p, `${x} at ${freedom}`);
});

test('Holm corrects upwards, never past 1, and keeps the order', () => {
  fc.assert(
    fc.property(fc.array(fc.double({ min: 0, max: 1, noNaN: true }), { maxLength: 12 }), (p) => {
      const corrected = holm(p);
      corrected.forEach((value, i) => {
        assert.ok(value >= p[i]! && value <= 1);
        for (const [j, other] of corrected.entries()) if (p[i]! < p[j]!) assert.ok(value <= other);
      });
    }),
  );
});

test('the crossed bootstrap is seeded, contains the rate, and is wider than one over answers alone', () => {
  // judges who differ: 90, 70 and 50 of 100 right, one of them with gaps
  const uniform = seeded(3);
  const right = [0.9, 0.7, 0.5].map((rate, judge) =>
    Array.from({ length: 100 }, (_, question) => (judge === 1 && question % 5 === 0 ? null : uniform() < rate)),
  );
  const first = crossedBootstrap(right, 2000, seeded(4));
  assert.deepEqual(crossedBootstrap(right, 2000, seeded(4)), first);
  const given = right.flat().filter((answer) => answer !== null);
  assert.equal(first.rate, given.filter(Boolean).length / given.length);
  assert.ok(first.low < first.rate && first.rate < first.high);
  // a binomial interval over 280 answers is .11 wide
  assert.ok(first.high - first.low > 0.2 && first.low > 0.4 && first.high < 0.95, JSON.stringify(first));
  assert.deepEqual(crossedBootstrap([[true, true]], 10, seeded(1)), { rate: 1, low: 1, high: 1 });
  assert.ok(Number.isNaN(crossedBootstrap([[null]], 10, seeded(1)).low));
});

test('two equal sets of questions, answered by the same judges, rarely seem to differ', () => {
  const uniform = seeded(5);
  let [differ, independent] = [0, 0];
  for (let session = 0; session < 100; session++) {
    // Questions are of different difficulty, which all five judges share.
    const answered = (): boolean[][] => {
      const rates = Array.from({ length: 60 }, () => (uniform() < 0.5 ? 0.35 : 0.95));
      return Array.from({ length: 5 }, () => rates.map((rate) => uniform() < rate));
    };
    const [first, second] = [answered(), answered()];
    const { low, high, difference } = crossedDifference(first, second, 300, uniform);
    assert.ok(low <= difference && difference <= high);
    if (low > 0 || high < 0) differ++;
    const rate = (rows: boolean[][]) => ({ right: rows.flat().filter(Boolean).length, trials: 300 });
    if (fisherTest(rate(first), rate(second)) < 0.05) independent++;
  }
  assert.ok(differ <= 10 && independent > 15, `${differ} and ${independent} of 100`);
});
