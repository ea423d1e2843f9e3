import type { Interval } from './proportion.ts';

/** `right[judge][question]`; null where a judge did not answer. */
export type Answered = readonly (readonly (boolean | null)[])[];

/**
 * The share of right answers of many judges, with a 95 % interval that holds for other judges and other questions: both
 * are drawn anew, with replacement. Without answers everything is NaN. `uniform` gives numbers between 0 and 1.
 */
export function crossedBootstrap(right: Answered, samples: number, uniform: () => number): Interval & { rate: number } {
  const questions = questionsOf(right);
  const sampled = (): number => rateOf(right, drawn(right.length, uniform), drawn(questions, uniform));
  return { rate: rateOf(right, ones(right.length), ones(questions)), ...percentiles(samples, sampled) };
}

/** The same of the difference between the shares of two sets of questions, which the same judges answered. */
export function crossedDifference(
  first: Answered,
  second: Answered,
  samples: number,
  uniform: () => number,
): Interval & { difference: number } {
  const [ofFirst, ofSecond] = [questionsOf(first), questionsOf(second)];
  const all = ones(first.length);
  const difference = rateOf(first, all, ones(ofFirst)) - rateOf(second, all, ones(ofSecond));
  const sampled = (): number => {
    const judges = drawn(first.length, uniform);
    return rateOf(first, judges, drawn(ofFirst, uniform)) - rateOf(second, judges, drawn(ofSecond, uniform));
  };
  return { difference, ...percentiles(samples, sampled) };
}

// ---------------------------------------------------------------------------

const questionsOf = (right: Answered): number => Math.max(0, ...right.map((row) => row.length));

/** The middle 95 % of the values of so many samples. One without any answer says nothing. */
function percentiles(samples: number, sampled: () => number): Interval {
  const values = Array.from({ length: samples }, sampled)
    .filter((value) => !Number.isNaN(value))
    .sort((a, b) => a - b);
  return {
    low: values[Math.floor(0.025 * values.length)] ?? NaN,
    high: values[Math.ceil(0.975 * values.length) - 1] ?? NaN,
  };
}

/** How often each of `count` things comes up in `count` draws. */
function drawn(count: number, uniform: () => number): number[] {
  const times = Array.from({ length: count }, () => 0);
  for (let draw = 0; draw < count; draw++) times[Math.floor(uniform() * count)]!++;
  return times;
}

const ones = (count: number): number[] => Array.from({ length: count }, () => 1);

function rateOf(right: Answered, judges: readonly number[], questions: readonly number[]): number {
  let [hits, answers] = [0, 0];
  right.forEach((row, judge) =>
    row.forEach((answer, question) => {
      if (answer === null) return;
      const times = judges[judge]! * questions[question]!;
      answers += times;
      if (answer) hits += times;
    }),
  );
  return hits / answers;
}
