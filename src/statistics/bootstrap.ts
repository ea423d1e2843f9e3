import type { Interval } from './proportion.ts';

/**
 * The share of right answers of many judges, `right[judge][question]` (null where a judge did not answer), with a 95 %
 * interval that holds for other judges and other questions: both are drawn anew, with replacement. Without answers
 * everything is NaN. `uniform` gives numbers between 0 and 1.
 */
export function crossedBootstrap(
  right: readonly (readonly (boolean | null)[])[],
  samples: number,
  uniform: () => number,
): Interval & { rate: number } {
  const questions = Math.max(0, ...right.map((row) => row.length));
  const rates: number[] = [];
  for (let sample = 0; sample < samples; sample++) {
    const judges = drawn(right.length, uniform);
    const rate = rateOf(right, judges, drawn(questions, uniform));
    // a sample without any answer says nothing
    if (!Number.isNaN(rate)) rates.push(rate);
  }
  rates.sort((a, b) => a - b);
  return {
    rate: rateOf(right, ones(right.length), ones(questions)),
    low: rates[Math.floor(0.025 * rates.length)] ?? NaN,
    high: rates[Math.ceil(0.975 * rates.length) - 1] ?? NaN,
  };
}

/** How often each of `count` things comes up in `count` draws. */
function drawn(count: number, uniform: () => number): number[] {
  const times = Array.from({ length: count }, () => 0);
  for (let draw = 0; draw < count; draw++) times[Math.floor(uniform() * count)]!++;
  return times;
}

const ones = (count: number): number[] => Array.from({ length: count }, () => 1);

function rateOf(
  right: readonly (readonly (boolean | null)[])[],
  judges: readonly number[],
  questions: readonly number[],
): number {
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
