import { logChoose } from './binomial.ts';
import { exactTest, wilsonInterval, type Interval } from './proportion.ts';

/** `right` of `trials`. */
export interface Rate {
  right: number;
  trials: number;
}

/** The two-sided p of Fisher's exact test whether two independent rates are equal. */
export function fisherTest(a: Rate, b: Rate): number {
  const right = a.right + b.right;
  const all = logChoose(a.trials + b.trials, right);
  const probability = (k: number): number => Math.exp(logChoose(a.trials, k) + logChoose(b.trials, right - k) - all);
  // Tables as likely as the observed one count, in spite of rounding.
  const limit = probability(a.right) * (1 + 1e-7);
  let p = 0;
  for (let k = Math.max(0, right - b.trials); k <= Math.min(a.trials, right); k++)
    if (probability(k) <= limit) p += probability(k);
  return Math.min(1, p);
}

/** Newcombe's interval for the difference of two independent rates, a - b, from their Wilson intervals. */
export function newcombeInterval(a: Rate, b: Rate, confidence = 0.95): Interval {
  const [rateA, rateB] = [a.right / a.trials, b.right / b.trials];
  const [ofA, ofB] = [wilsonInterval(a.right, a.trials, confidence), wilsonInterval(b.right, b.trials, confidence)];
  return {
    low: rateA - rateB - Math.hypot(rateA - ofA.low, ofB.high - rateB),
    high: rateA - rateB + Math.hypot(ofA.high - rateA, rateB - ofB.low),
  };
}

/**
 * The two-sided p of McNemar's exact test whether two judges of the same questions are right equally often, from the
 * questions that only the first, and only the second got right.
 */
export const mcNemarTest = (onlyFirst: number, onlySecond: number): number =>
  exactTest(onlyFirst, onlyFirst + onlySecond);
