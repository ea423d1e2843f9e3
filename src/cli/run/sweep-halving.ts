import { suggestion } from '../../pipeline/diagnostic/nearest.ts';
import { decide } from '../../pipeline/sweep/halving.ts';
import type { PointDecision, RungResult } from '../../pipeline/sweep/halving.ts';
import type { Halving } from '../../pipeline/sweep/schema.ts';
import type { Key } from '../../pipeline/plan/key.ts';
import { eventsAt, metricUpTo } from '../../history/stage-metrics.ts';
import type { Store } from '../../store/store.ts';
import type { RunSummary } from './run-point.ts';

export interface HalvingRun<Point> {
  halving: Halving;
  store: Store;
  atOnce: number;
  noNew: AbortSignal;
  /** `before`: how the point's run ended when it paused at the previous rung */
  run(point: Point, before: RunSummary | undefined, pauseAt: number | undefined): Promise<RunSummary>;
  say(text: string): void;
}

/**
 * Runs the points of a sweep rung by rung. Points that may go furthest run first, so that finalists do not wait for
 * points that have only started. Decisions depend on the metrics that stages reported, in this run or an earlier one,
 * so a half-done sweep decides the same when it is run again. The summaries are in the order of the points; points that
 * never started have none.
 */
export async function runHalving<Point>(points: Point[], given: HalvingRun<Point>): Promise<RunSummary[]> {
  const { halving, atOnce, noNew, say } = given;
  const results: RungResult[][] = points.map(() => []);
  const summaries: (RunSummary | undefined)[] = points.map(() => undefined);
  const busy = new Set<number>();
  const finished = new Set<number>();
  const errors: unknown[] = [];
  const reportedReasons = new Set<string>();

  const advance = async (point: number, to: number | null): Promise<void> => {
    const before = summaries[point];
    if (to === null && before?.ok && !before.paused) return void finished.add(point);
    const summary = await given.run(points[point]!, before, to === null ? undefined : halving.rungs[to]);
    summaries[point] = summary;
    if (to === null) return void finished.add(point);
    // an earlier run may have taken the point further than this one asked for
    for (let rung = to; rung === to || passed(summary, halving, rung); rung++)
      note(point, rung, reachedAt(summary, halving, halving.rungs[rung]!, given.store));
  };

  const note = (point: number, rung: number, reached: Reached): void => {
    if (reached.kind === 'nothing' && !reportedReasons.has(reached.why)) say(reached.why);
    if (reached.kind === 'nothing') reportedReasons.add(reached.why);
    if (reached.kind === 'stopped') finished.add(point);
    else results[point]![rung] = reached.kind === 'value' ? reached.value : 'failed';
  };

  const worker = async (): Promise<void> => {
    while (!noNew.aborted) {
      const next = furthest(decide(results, halving), (point) => busy.has(point) || finished.has(point));
      if (!next) {
        if (busy.size === 0) return;
        await changed.wait();
        continue;
      }
      busy.add(next.point);
      try {
        await advance(next.point, next.to);
      } catch (error) {
        errors.push(error);
        finished.add(next.point);
      }
      busy.delete(next.point);
      changed.notify();
    }
    changed.notify();
  };
  const changed = signalOf();
  await Promise.all(Array.from({ length: Math.max(1, Math.min(atOnce, points.length)) }, worker));
  if (errors.length > 0) throw errors[0];
  return summaries.filter((summary) => summary !== undefined);
}

// ---------------------------------------------------------------------------

/** Of the points that may train, the first one with the highest rung. */
function furthest(
  decisions: PointDecision[],
  taken: (point: number) => boolean,
): { point: number; to: number | null } | null {
  let best: { point: number; to: number | null } | null = null;
  for (const [point, decision] of decisions.entries()) {
    if (decision.kind !== 'train' || taken(point)) continue;
    if (best === null || (decision.to ?? Infinity) > (best.to ?? Infinity)) best = { point, to: decision.to };
  }
  return best;
}

/** Whether the point's training has reached a rung, or its end. */
function passed({ stages }: RunSummary, { stage: name, rungs }: Halving, rung: number): boolean {
  const stage = stages.find((candidate) => candidate.name === name);
  return rung < rungs.length && (Boolean(stage?.artifact) || (stage?.pausedAt ?? 0) >= rungs[rung]!);
}

/** `nothing`: it trained but reported no such metric, so it cannot be promoted. */
type Reached =
  | { kind: 'value'; value: number }
  | { kind: 'failed' }
  | { kind: 'stopped' }
  | { kind: 'nothing'; why: string };

function reachedAt({ stages }: RunSummary, { stage: name, metric }: Halving, rung: number, store: Store): Reached {
  const stage = stages.find((candidate) => candidate.name === name);
  if (stages.some(({ outcome }) => outcome === 'failed')) return { kind: 'failed' };
  if (!stage?.key || !['paused', 'cached', 'ran', 'resumed'].includes(stage.outcome)) return { kind: 'stopped' };
  const events = eventsAt(store, stage.key as Key);
  const found = metricUpTo(events, metric, rung);
  if (found) return { kind: 'value', value: found.value };
  const names = [...new Set(events.flatMap((event) => (event.kind === 'metric' ? [event.name] : [])))];
  return {
    kind: 'nothing',
    why: `"${name}" reported no ${metric} up to step ${rung}: ${suggestion(metric, names, 'it reports')}`,
  };
}

/** Wakes the workers that wait for another point to end. */
function signalOf(): { wait(): Promise<void>; notify(): void } {
  let waiting: (() => void)[] = [];
  return {
    wait: () => new Promise((resolve) => waiting.push(resolve)),
    notify() {
      for (const wake of waiting.splice(0)) wake();
      waiting = [];
    },
  };
}
