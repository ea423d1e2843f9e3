/**
 * The area under the ROC curve: the probability that a score drawn from `positive` is above one from `negative`, where
 * a tie counts half. NaN if one of them is empty.
 */
export function auc(positive: readonly number[], negative: readonly number[]): number {
  const ascending = [...negative].sort((a, b) => a - b);
  const above = positive.reduce(
    (sum, score) => sum + (rank(ascending, score, 'below') + rank(ascending, score, 'upTo')) / 2,
    0,
  );
  return above / (positive.length * negative.length);
}

/** How many of the ascending scores are below a score, or up to it. */
function rank(ascending: readonly number[], score: number, which: 'below' | 'upTo'): number {
  let [low, high] = [0, ascending.length];
  while (low < high) {
    const middle = (low + high) >>> 1;
    const value = ascending[middle]!;
    if (which === 'below' ? value < score : value <= score) low = middle + 1;
    else high = middle;
  }
  return low;
}
