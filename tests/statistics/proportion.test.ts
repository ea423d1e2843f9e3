import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { binomialAtLeast, binomialAtMost, binomialProbability } from '../../src/statistics/binomial.ts';
import {
  anytimeInterval,
  atMostTest,
  eValue,
  exactInterval,
  exactTest,
  wilsonInterval,
} from '../../src/statistics/proportion.ts';
import { assertDigits, seeded } from './kit.ts';

// The numbers were computed with scipy, and checked with mpmath at 25 digits.
test('exact interval, Wilson and exact test match scipy', () => {
  const known: [number, number, [string, string], [string, string] | null, string][] = [
    [60, 100, ['.497209150', '.696705231'], ['.502002587', '.690598714'], '.0568879336'],
    [61, 100, ['.507314480', '.705989585'], ['.512030170', '.699831260'], '.0352002002'],
    [120, 200, ['.528535673', '.668453736'], ['.530836720', '.665394214'], '.005685156'],
    [8, 10, ['.443904538', '.974789274'], ['.490162472', '.943317849'], '.109375'],
    [0, 10, ['0', '.308497108'], ['0', '.277532800'], '.001953125'],
    [10, 10, ['.691502892', '1'], ['.722467200', '1'], '.001953125'],
    [64, 108, ['.493824', '.686151'], null, '.0670104148'],
    [65, 108, ['.503160', '.694811'], null, '.0428072208'],
    [119, 210, ['.496723', '.634701'], null, '.0621797734'],
    [120, 210, ['.501506', '.639306'], null, '.0451140879'],
    [46, 50, ['.807657', '.977772'], null, '4.46178205e-10'],
    [5100, 10_000, ['.500150427', '.519843746'], null, '.0465855277'],
  ];
  for (const [right, trials, exact, wilson, p] of known) {
    const { low, high } = exactInterval(right, trials);
    assertDigits(low, exact[0], `${right}/${trials} low`);
    assertDigits(high, exact[1], `${right}/${trials} high`);
    if (wilson) {
      assertDigits(wilsonInterval(right, trials).low, wilson[0], `${right}/${trials} Wilson low`);
      assertDigits(wilsonInterval(right, trials).high, wilson[1], `${right}/${trials} Wilson high`);
    }
    assertDigits(exactTest(right, trials), p, `${right}/${trials} p`);
  }
});

test('e-values and the test of "at most" match scipy', () => {
  const known: [number, number, string][] = [
    [60, 100, '.913049778'],
    [65, 100, '11.461394'],
    [66, 100, '21.612914'],
    [70, 100, '427.306647'],
    [50, 100, '.124401118'],
  ];
  for (const [right, trials, value] of known) assertDigits(eValue(right, trials), value, `${right}/${trials}`);
  assertDigits(atMostTest(51, 100, 0.6), '.042301');
  assertDigits(atMostTest(52, 100, 0.6), '.063789');
  assertDigits(atMostTest(112, 210, 0.6), '.029278');
});

test('the exact interval covers a true rate of .6 as often as enumeration says', () => {
  const known: [number, string, string][] = [
    [100, '.958455', '.948118'],
    [108, '.961146', '.950720'],
    [210, '.959169', '.943061'],
  ];
  for (const [trials, exact, wilson] of known) {
    const coverage = (interval: typeof exactInterval): number =>
      Array.from({ length: trials + 1 }, (_, right) => {
        const { low, high } = interval(right, trials);
        return low <= 0.6 && 0.6 <= high ? binomialProbability(right, trials, 0.6) : 0;
      }).reduce((sum, p) => sum + p, 0);
    assertDigits(coverage(exactInterval), exact, `${trials} exact`);
    assertDigits(coverage(wilsonInterval), wilson, `${trials} Wilson`);
  }
});

test('a guesser who is looked at every ten answers seldom reaches an e-value of 20, but often a p of .05', () => {
  const coin = seeded(7);
  let [byE, byP] = [0, 0];
  for (let session = 0; session < 2000; session++) {
    let right = 0;
    let [reachedE, reachedP] = [false, false];
    for (let answers = 1; answers <= 210; answers++) {
      if (coin() < 0.5) right++;
      if (answers < 20 || answers % 10 > 0) continue;
      reachedE ||= eValue(right, answers) >= 20;
      reachedP ||= exactTest(right, answers) < 0.05;
    }
    if (reachedE) byE++;
    if (reachedP) byP++;
  }
  // 3.1 % and 19.1 % in 20,000 sessions
  assert.ok(byE <= 0.05 * 2000 && byP > 0.15 * 2000, `${byE} by e, ${byP} by p`);
});

const counts = fc.integer({ min: 1, max: 400 }).chain((trials) => fc.tuple(fc.nat(trials), fc.constant(trials)));

test('an interval contains the observed rate, and mirrors when right and wrong are exchanged', () => {
  fc.assert(
    fc.property(counts, fc.constantFrom(0.8, 0.95, 0.99), ([right, trials], confidence) => {
      for (const interval of [exactInterval, wilsonInterval]) {
        const { low, high } = interval(right, trials, confidence);
        const mirrored = interval(trials - right, trials, confidence);
        assert.ok(0 <= low && low <= right / trials && right / trials <= high && high <= 1, `${low} ${high}`);
        assert.ok(Math.abs(low - (1 - mirrored.high)) < 1e-12 && Math.abs(high - (1 - mirrored.low)) < 1e-12);
      }
      assert.equal(exactTest(right, trials), exactTest(trials - right, trials));
      assert.ok(Math.abs(eValue(right, trials) / eValue(trials - right, trials) - 1) < 1e-10);
    }),
  );
});

test('the exact test and the exact interval agree whether ½ is possible', () => {
  fc.assert(
    fc.property(counts, ([right, trials]) => {
      const { low, high } = exactInterval(right, trials);
      assert.equal(exactTest(right, trials) > 0.05, low < 0.5 && 0.5 < high);
    }),
  );
});

test('binomial tails are sums of the probabilities, at the ends of the range too', () => {
  fc.assert(
    fc.property(counts, fc.double({ min: 0, max: 1, noNaN: true }), ([k, trials], p) => {
      let sum = 0;
      for (let i = 0; i <= k; i++) sum += binomialProbability(i, trials, p);
      assert.ok(Math.abs(binomialAtMost(k, trials, p) - sum) < 1e-11);
      assert.ok(Math.abs(binomialAtLeast(k + 1, trials, p) - (1 - sum)) < 1e-11);
    }),
  );
  assert.deepEqual([binomialAtMost(-1, 5, 0.5), binomialAtMost(5, 5, 0.5), binomialAtMost(2, 5, 1)], [0, 1, 0]);
  // far from the mean, where the probability of k alone underflows
  assert.deepEqual([binomialAtMost(9000, 10_000, 0.1), binomialAtMost(10, 10_000, 0.9)], [1, 0]);
});

test('without answers nothing is known', () => {
  assert.deepEqual(exactInterval(0, 0), { low: 0, high: 1 });
  assert.equal(exactTest(0, 0), 1);
  assert.equal(eValue(0, 0), 1);
});

// The numbers were computed by bisection with 50 decimal digits.
test('the interval that may be looked at at any time', () => {
  const known: [number, number, string, string][] = [
    [62, 108, '.420634057', '.718397097'],
    [8, 10, '.353042192', '.989516905'],
    [0, 10, '0', '.416880276'],
    [65, 100, '.490992346', '.789129066'],
  ];
  for (const [right, trials, low, high] of known) {
    assertDigits(anytimeInterval(right, trials).low, low, `${right}/${trials} low`);
    assertDigits(anytimeInterval(right, trials).high, high, `${right}/${trials} high`);
  }
  assert.deepEqual(anytimeInterval(0, 0), { low: 0, high: 1 });
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 300 }), fc.double({ min: 0, max: 1, noNaN: true }), (trials, share) => {
      const right = Math.round(share * trials);
      const { low, high } = anytimeInterval(right, trials);
      assert.ok(low <= right / trials && right / trials <= high);
      assert.equal(eValue(right, trials) < 20, low < 0.5 && 0.5 < high, 'it agrees with the e-value');
      const exact = exactInterval(right, trials);
      assert.ok(low <= exact.low + 1e-9 && exact.high <= high + 1e-9, 'to look at any time has a price');
    }),
  );
});

test('of 1,000 judges who are right at 70 %, looked at after each answer, at most 5 % ever leave the interval', () => {
  const uniform = seeded(21);
  let left = 0;
  for (let session = 0; session < 1000; session++) {
    let [right, ever] = [0, false];
    for (let answers = 1; answers <= 60; answers++) {
      if (uniform() < 0.7) right++;
      const { low, high } = anytimeInterval(right, answers);
      ever ||= low > 0.7 || high < 0.7;
    }
    if (ever) left++;
  }
  assert.ok(left <= 50, `${left} of 1,000`);
});
