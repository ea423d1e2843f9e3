import { inverseNormal } from '../lm/random/inverse-normal.ts';
import { binomialAtLeast, binomialAtMost } from './binomial.ts';

const ALPHA = 0.05;
const POWER = 0.8;

/** Beyond this many answers nobody will ask people. */
const MOST_ANSWERS = 10_000;

/**
 * The number of answers from which on a judge who is right at `rate` is told from a guesser with probability .8 by the
 * exact two-sided test at .05. Power rises in a saw: it may be reached before, and lost again. Null above 10,000.
 */
export const answersToShow = (rate: number): number | null => fromWhichOn(rate, 0.5, 1 - ALPHA / 2, powerToShow);

/**
 * The number of answers from which on a judge who is right at `rate` is shown to be below `most` with probability .8,
 * at .05. Null above 10,000, and if `rate` is not below.
 */
export const answersToExclude = (rate: number, most: number): number | null =>
  rate < most ? fromWhichOn(rate, most, 1 - ALPHA, (n, rate) => powerToExclude(n, rate, most)) : null;

/**
 * How many answers more would decide between a guesser and a judge who is right at `most`, if the rate so far is the
 * true one: the fewer of those that show that it is no guesser, and those that exclude `most`. 0 if there are enough
 * answers already; null if it would take more than 10,000.
 */
export function moreAnswersToDecide(right: number, trials: number, most: number): number | null {
  const rate = trials === 0 ? 0.5 : right / trials;
  const needed = [answersToShow(rate), answersToExclude(rate, most)].filter((answers) => answers !== null);
  return needed.length === 0 ? null : Math.max(0, Math.min(...needed) - trials);
}

/** The probability that the exact two-sided test against ½ at .05 finds the judge out after `trials` answers. */
export function powerToShow(trials: number, rate: number): number {
  const critical = smallestWhere((k) => 2 * binomialAtLeast(k, trials, 0.5) < ALPHA, Math.ceil(trials / 2), trials + 1);
  return binomialAtLeast(critical, trials, rate) + binomialAtMost(trials - critical, trials, rate);
}

/** The probability that «at most `most`» can be claimed after `trials` answers. */
export function powerToExclude(trials: number, rate: number, most: number): number {
  const tooMany = smallestWhere((k) => binomialAtMost(k, trials, most) >= ALPHA, 0, trials);
  return binomialAtMost(tooMany - 1, trials, rate);
}

// ---------------------------------------------------------------------------

/** Searches downwards from well above what the normal approximation needs. */
function fromWhichOn(
  rate: number,
  against: number,
  quantile: number,
  power: (trials: number, rate: number) => number,
): number | null {
  const [spreadThere, spreadHere] = [against, rate].map((p) => Math.sqrt(p * (1 - p)));
  const approximate =
    ((inverseNormal(quantile) * spreadThere! + inverseNormal(POWER) * spreadHere!) / (rate - against)) ** 2;
  if (!(approximate < MOST_ANSWERS)) return null;
  let trials = Math.ceil(1.1 * approximate + 40);
  while (trials > 0 && power(trials, rate) >= POWER) trials--;
  return trials + 1 > MOST_ANSWERS ? null : trials + 1;
}

/** The smallest whole number from `low` to `high` - 1 for which a condition holds that then always holds; else `high`. */
function smallestWhere(holds: (k: number) => boolean, low: number, high: number): number {
  while (low < high) {
    const middle = Math.floor((low + high) / 2);
    if (holds(middle)) high = middle;
    else low = middle + 1;
  }
  return low;
}
