import { dot, fitCoefficients, fitLogistic, gramOf, type Row } from './logistic.ts';

/** Which pairs are turned round: 1 as they are, -1 with real and generated exchanged. */
export type Signs = ArrayLike<number>;

/**
 * Cross-validation over whole pairs. Returns a function that gives, for each pair, the margin w·x of a regression
 * fitted to all pairs but those of its fold: above 0, the real text was recognized. With `signs`, the pairs are turned
 * round before. Pair i is in fold i modulo `folds`, so neighbours should have nothing in common. At least 2 folds.
 */
export function crossValidated(
  differences: readonly Row[],
  folds: number,
  lambda: number,
): (signs?: Signs) => number[] {
  const features = differences[0]?.length ?? 0;
  const gram = features > differences.length ? gramOf(differences) : null;
  const pairs = differences.map((_, pair) => pair);
  return (signs = pairs.map(() => 1)) => {
    const margins = pairs.map(() => 0);
    const turned = gram ? null : differences.map((row, i) => Array.from(row, (x) => x * signs[i]!));
    for (let fold = 0; fold < Math.min(folds, pairs.length); fold++) {
      const others = pairs.filter((pair) => pair % folds !== fold);
      const marginOf = gram ? fromGram(gram, others, signs, lambda) : fromRows(turned!, others, lambda);
      for (const pair of pairs) if (pair % folds === fold) margins[pair] = marginOf(pair);
    }
    return margins;
  };
}

/** The number of pairs that were recognized; a margin of exactly 0 counts half. */
export const recognized = (margins: readonly number[]): number =>
  margins.reduce((sum, margin) => sum + (margin > 0 ? 1 : margin === 0 ? 0.5 : 0), 0);

/**
 * The p of a permutation test: how often `statistic`, large if real and generated differ, is at least as large when
 * every pair is turned round or not by the toss of a coin. Never below 1 / (`permutations` + 1).
 */
export function flipTest({
  statistic,
  pairs,
  permutations,
  uniform,
}: {
  statistic: (signs: Signs) => number;
  pairs: number;
  permutations: number;
  /** numbers between 0 and 1 */
  uniform: () => number;
}): number {
  const observed = statistic(new Int8Array(pairs).fill(1));
  let asLarge = 1;
  for (let permutation = 0; permutation < permutations; permutation++) {
    const signs = Int8Array.from({ length: pairs }, () => (uniform() < 0.5 ? -1 : 1));
    if (statistic(signs) >= observed) asLarge++;
  }
  return asLarge / (permutations + 1);
}

// ---------------------------------------------------------------------------

type MarginOf = (pair: number) => number;

function fromRows(turned: readonly number[][], others: readonly number[], lambda: number): MarginOf {
  const { weights } = fitLogistic(
    others.map((pair) => turned[pair]!),
    lambda,
  );
  return (pair) => dot(turned[pair]!, weights);
}

function fromGram(gram: readonly Float64Array[], others: readonly number[], signs: Signs, lambda: number): MarginOf {
  const product = (i: number, j: number): number => signs[i]! * signs[j]! * gram[i]![j]!;
  const { coefficients } = fitCoefficients(
    others.map((i) => Float64Array.from(others, (j) => product(i, j))),
    lambda,
  );
  return (pair) => others.reduce((sum, other, i) => sum + coefficients[i]! * product(other, pair), 0);
}
