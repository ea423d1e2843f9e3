/**
 * The data for the page of `runner compare`, which `runner compare --json` prints. Plain data that can be converted to
 * JSON.
 */
export interface Comparison {
  title: string;
  /** the metric that the table compares */
  metric: string | null;
  lessIsBetter: boolean;
  /** the largest number of tokens that every run has seen, at which `atEqualTokens` compares them */
  equalTokens: number | null;
  /** params in which the runs differ: dotted path and short name */
  differing: { path: string; name: string }[];
  /** params that all runs chose alike, by dotted path */
  common: { path: string; value: string }[];
  /** best first */
  runs: ComparedRun[];
  /** metrics that have a curve in some run, losses first */
  curves: string[];
  /** what people call the metric and the curves; absent if it is their own name */
  metricNames: Record<string, string>;
}

export interface ComparedRun {
  run: string;
  /** what people call it: `comedy-9863` */
  name: string;
  /** how it differs from the other runs */
  label: string;
  outcome: string;
  /** milliseconds since 1970 */
  startedMs: number;
  /** what it read, with the start of its digest */
  data: string[];
  /** the params that differ; null if this run has no such param */
  params: Record<string, string | null>;
  best: Measured | null;
  last: Measured | null;
  /** the value after `equalTokens` tokens, interpolated linearly */
  atEqualTokens: number | null;
  tokens: number | null;
  /** training time, without interruptions */
  seconds: number | null;
  /** by metric */
  curves: Record<string, { steps: number[]; values: number[] }>;
  /** tokens and seconds at each of `steps`, for the other two axes */
  clock: { steps: number[]; tokens: number[] | null; seconds: number[] };
  samples: { prompt: string; texts: string[] }[];
}

export interface Measured {
  value: number;
  step: number;
}

/** The value of a curve at `x`, interpolated linearly; null outside its range. `xs` is in ascending order. */
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
