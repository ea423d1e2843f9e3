import { inverseNormal } from '../lm/random/inverse-normal.ts';
import { binomialAtLeast, binomialAtMost, binomialProbability } from './binomial.ts';

export interface Interval {
  low: number;
  high: number;
}

/**
 * The interval of Clopper and Pearson for a probability, of which `right` of `trials` were observed. It covers the true
 * one at least as often as `confidence` says. Without trials it is 0 to 1.
 */
export function exactInterval(right: number, trials: number, confidence = 0.95): Interval {
  const tail = (1 - confidence) / 2;
  return {
    low: right === 0 ? 0 : rootOf((p) => binomialAtLeast(right, trials, p) - tail),
    high: right === trials ? 1 : rootOf((p) => tail - binomialAtMost(right, trials, p)),
  };
}

/** Wilson's interval, which covers the true probability about as often as `confidence` says. At least one trial. */
export function wilsonInterval(right: number, trials: number, confidence = 0.95): Interval {
  const z = inverseNormal(1 - (1 - confidence) / 2);
  const rate = right / trials;
  const centre = rate + (z * z) / (2 * trials);
  const half = z * Math.sqrt((rate * (1 - rate)) / trials + (z * z) / (4 * trials * trials));
  const scale = 1 + (z * z) / trials;
  return {
    low: right === 0 ? 0 : Math.max(0, (centre - half) / scale),
    high: right === trials ? 1 : Math.min(1, (centre + half) / scale),
  };
}

/** The two-sided p of the exact test against ½. Valid only at a number of trials that was fixed before. */
export const exactTest = (right: number, trials: number): number =>
  Math.min(1, 2 * binomialAtLeast(Math.max(right, trials - right), trials, 0.5));

/**
 * The evidence against ½: the likelihood ratio of all other probabilities, equally weighted. Valid at any time, however
 * often one looks: if ½ is true, it ever reaches 20 with probability at most 1/20. Beyond 1e308 it is infinite.
 */
export const eValue = (right: number, trials: number): number =>
  1 / ((trials + 1) * binomialProbability(right, trials, 0.5));

/**
 * An interval that may be looked at at any time: the probabilities against which the evidence is below 1 / (1 -
 * `confidence`). However often one looks, all intervals cover the true one at least as often as `confidence` says.
 * Without trials it is 0 to 1.
 */
export function anytimeInterval(right: number, trials: number, confidence = 0.95): Interval {
  const least = (1 - confidence) / (trials + 1);
  const rate = right / trials;
  const excess = (p: number): number => binomialProbability(right, trials, p) - least;
  return {
    low: right === 0 ? 0 : rootOf((x) => excess(rate * x)) * rate,
    high: right === trials ? 1 : 1 - rootOf((x) => excess(1 - (1 - rate) * x)) * (1 - rate),
  };
}

/** The p of the test whether the probability is below `most`: small if so few of `trials` would be a surprise there. */
export const atMostTest = (right: number, trials: number, most: number): number => binomialAtMost(right, trials, most);

// ---------------------------------------------------------------------------

/** Where a function that increases from 0 to 1 crosses zero, by bisection to the last bit. */
function rootOf(increasing: (p: number) => number): number {
  let [low, high] = [0, 1];
  for (;;) {
    const middle = (low + high) / 2;
    if (middle <= low || middle >= high || high - low < 1e-15) return middle;
    if (increasing(middle) < 0) low = middle;
    else high = middle;
  }
}
