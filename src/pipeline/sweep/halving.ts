import type { Kinds } from '../stage-kind.ts';
import { suggestion } from '../diagnostic/nearest.ts';
import type { Pipeline } from '../pipeline.ts';
import type { Problem } from '../schema/check.ts';
import type { Halving } from './schema.ts';

/** The result of a point at a rung: its metric there, or `failed`; undefined while it is not known. */
export type RungResult = number | 'failed' | undefined;

/** What happens to a point: it trains on (`to` a rung, null: to its end), waits for others, stays paused, or failed. */
export type PointDecision =
  | { kind: 'train'; to: number | null }
  | { kind: 'wait'; rung: number }
  | { kind: 'paused'; rung: number }
  | { kind: 'failed'; rung: number };

/**
 * Successive halving as a pure function of the results so far, `results[point][rung]`. Returns one decision for each
 * point.
 *
 * At each rung, the best 1 in `keepOneIn` points are promoted (rounded down, at least one). Ties go to the lower index.
 * Points that failed or whose metric is not a number are never promoted. A point is promoted as soon as no pending
 * result can change that. So no point waits for the slowest one, and the decisions depend only on the results, not on
 * the order in which they arrive.
 */
export function decide(
  results: RungResult[][],
  { rungs, keepOneIn, goal }: Pick<Halving, 'rungs' | 'keepOneIn' | 'goal'>,
): PointDecision[] {
  const decisions = results.map((): PointDecision => ({ kind: 'train', to: 0 }));
  let entered = results.map((_, point) => point);
  /** the most points that can reach this rung, including those that are still below it */
  let most = results.length;
  for (const rung of rungs.keys()) {
    const known = entered
      .filter((point) => results[point]![rung] !== undefined)
      .sort((a, b) => compare(results[a]![rung], results[b]![rung], goal) || a - b);
    const missing = most - known.length;
    const survivors = survivorCount(most, keepOneIn);
    const promoted: number[] = [];
    for (const [rank, point] of known.entries()) {
      const hasMetric = Number.isFinite(results[point]![rung]);
      if (results[point]![rung] === 'failed') decisions[point] = { kind: 'failed', rung };
      else if (!hasMetric || rank >= survivors) decisions[point] = { kind: 'paused', rung };
      else if (rank + missing >= survivors) decisions[point] = { kind: 'wait', rung };
      else {
        decisions[point] = { kind: 'train', to: rung + 1 < rungs.length ? rung + 1 : null };
        promoted.push(point);
      }
    }
    // until all results of this rung are known, as many as possible may still be promoted
    most = missing === 0 ? promoted.length : survivors;
    entered = promoted;
  }
  return decisions;
}

/** How many of `count` points are promoted. */
export const survivorCount = (count: number, keepOneIn: number): number =>
  count === 0 ? 0 : Math.max(1, Math.floor(count / keepOneIn));

/** What is wrong with a `halving:` for these points. Paths start at the top of the file. */
export function halvingFaults({ stage: name, metric, rungs }: Halving, points: Pipeline[], kinds: Kinds): Problem[] {
  const problemAt = (path: (string | number)[], message: string, hint?: string): Problem => ({
    path: ['sweep', 'halving', ...path],
    target: 'value',
    message,
    ...(hint === undefined ? {} : { hint }),
  });
  const falling = rungs.findIndex((rung, index) => index > 0 && rung <= rungs[index - 1]!);
  if (falling >= 0) return [problemAt(['rungs', falling], 'rungs must be in ascending order')];
  const faults = new Map<string, Problem>();
  for (const { stages } of points) {
    const stage = stages.find((candidate) => candidate.name === name);
    const pauseFault = stage && kinds[stage.kind]?.pauseFault;
    if (!stage)
      return [
        problemAt(
          ['stage'],
          `no stage "${name}"`,
          suggestion(
            name,
            stages.map((candidate) => candidate.name),
            'stages',
          ),
        ),
      ];
    if (!pauseFault)
      return [
        problemAt(
          ['stage'],
          `"${name}" is a stage of kind ${stage.kind}, which cannot pause`,
          suggestion(
            '',
            stages.filter(({ kind }) => kinds[kind]?.pauseFault).map((candidate) => candidate.name),
            'stages that can',
          ),
        ),
      ];
    for (const [index, rung] of rungs.entries()) {
      const fault = pauseFault(stage.params, rung, metric);
      if (fault !== null) faults.set(`${index} ${fault}`, problemAt(['rungs', index], fault));
    }
  }
  return [...faults.values()];
}

// ---------------------------------------------------------------------------

/** Best first, then results that are not a number, then failures. */
function compare(a: RungResult, b: RungResult, goal: Halving['goal']): number {
  const [first, second] = [a, b].map((value) =>
    value === 'failed' ? Infinity : !Number.isFinite(value) ? Number.MAX_VALUE : goal === 'min' ? value! : -value!,
  );
  return first === second ? 0 : first! < second! ? -1 : 1;
}
