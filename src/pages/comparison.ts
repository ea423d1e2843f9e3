/**
 * What the page of `runner compare` is made from, and what `runner compare --json` prints. Plain data: it goes through
 * JSON.
 */
export interface Comparison {
  title: string;
  /** the metric that the table is about, and where less or more is better */
  metric: string | null;
  lessIsBetter: boolean;
  /** the most tokens that all runs have seen: where they are compared at equal tokens */
  equalTokens: number | null;
  /** params in which the runs differ, dotted, and their short names */
  differing: { path: string; name: string }[];
  /** best first */
  runs: ComparedRun[];
  /** metrics that have a curve in some run, losses first */
  curves: string[];
}

export interface ComparedRun {
  run: string;
  /** what tells it from the others */
  label: string;
  outcome: string;
  /** the differing ones; null where this run has none of that name */
  params: Record<string, string | null>;
  best: Measured | null;
  last: Measured | null;
  /** between two measurements on the straight line */
  atEqualTokens: number | null;
  tokens: number | null;
  /** of training, without the time in which it was dead */
  seconds: number | null;
  /** by metric */
  curves: Record<string, { steps: number[]; values: number[] }>;
  /** for the other two axes, at the steps of `clock.steps` */
  clock: { steps: number[]; tokens: number[] | null; seconds: number[] };
  samples: { prompt: string; texts: string[] }[];
}

export interface Measured {
  value: number;
  step: number;
}

/** The value of a curve at `x`, on the straight line between its points; null outside of them. `xs` rises. */
export function onLine(xs: number[], ys: number[], x: number): number | null {
  let low = 0;
  let high = xs.length - 1;
  if (high < 0 || x < xs[0]! || x > xs[high]!) return null;
  while (high - low > 1) {
    const middle = (low + high) >> 1;
    if (xs[middle]! <= x) low = middle;
    else high = middle;
  }
  const width = xs[high]! - xs[low]!;
  if (x === xs[high]! || width === 0) return ys[high]!;
  return ys[low]! + ((ys[high]! - ys[low]!) * (x - xs[low]!)) / width;
}
