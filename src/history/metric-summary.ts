import type { Point, RunData } from './read-run.ts';

export interface MetricSummary {
  name: string;
  /** the lowest or highest point, depending on the metric; null if neither is better, or if there is only one point */
  best: Point | null;
  last: Point;
  points: number;
}

/** Each metric's best and last value, losses first. */
export function metricSummaries({ metrics }: Pick<RunData, 'metrics'>): MetricSummary[] {
  const summaries = [...metrics].flatMap(([name, points]) => {
    const last = points.at(-1);
    return last ? [{ name, best: points.length > 1 ? bestOf(name, points) : null, last, points: points.length }] : [];
  });
  return summaries.sort((a, b) => rank(a.name) - rank(b.name) || (a.name < b.name ? -1 : 1));
}

/** The lowest or highest point of a curve, depending on the metric's name. Ignores values that are not finite. */
export function bestOf(name: string, points: Point[]): Point | null {
  const sign = directionOf(name);
  if (sign === 0) return null;
  return points.reduce<Point | null>(
    (best, point) =>
      Number.isFinite(point.value) && (best === null || sign * point.value > sign * best.value) ? point : best,
    null,
  );
}

/** -1 if less is better, 1 if more is better, 0 if neither. */
export function directionOf(name: string): -1 | 0 | 1 {
  if (/loss|perplexity|bits_per|error/.test(name)) return -1;
  return /accuracy|tokens_per_second|f1|score/.test(name) ? 1 : 0;
}

// ---------------------------------------------------------------------------

/** Validation losses first, then other results, system metrics last. */
function rank(name: string): number {
  const order = [
    /(^|\/)evaluate\//,
    /(^|\/)eval\/loss$/,
    /(^|\/)eval\//,
    /(^|\/)best\//,
    /(^|\/)train\/loss$/,
    /(^|\/)train\//,
  ];
  const found = order.findIndex((pattern) => pattern.test(name));
  return found < 0 ? order.length : found;
}
