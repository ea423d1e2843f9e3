import { kinds } from '../../../stages/index.ts';
import { plainDecimal } from '../../numbers/plain-decimal.ts';
import type { Key } from '../../pipeline/plan/key.ts';
import type { SweepPoint } from '../../pipeline/pipeline.ts';
import { shortNames } from '../../pipeline/sweep/titles.ts';
import type { Halving, Objective } from '../../pipeline/sweep/schema.ts';
import type { Json } from '../../pipeline/yaml/tree.ts';
import { shownMetric } from '../../history/metric-names.ts';
import { eventsAt } from '../../history/stage-metrics.ts';
import type { Store } from '../../store/store.ts';
import type { RunSummary } from './run-point.ts';
import { clippedMiddle, textTable } from '../screen/text-table.ts';
import { withCommas } from '../../numbers/counted.ts';

/** Nobody reads more rows than this on a screen. */
const ROWS_SHOWN = 20;

export interface SweptRun {
  point: SweepPoint;
  /** null: it has not started */
  run: RunSummary | null;
}

export interface SweepRules {
  objective: Objective | null;
  halving: Halving | null;
}

/** A column by which points are compared: the best value of a metric. */
interface Figure {
  head: string;
  metric: string;
  goal: 'min' | 'max';
  /** a stage's name; null: any stage that reports the metric */
  stage: string | null;
}

/**
 * A table of the points of a sweep with the params that differ: best first, by the first figure that they have; then
 * paused points, those that have not started, and failed ones.
 */
export function sweepTable(
  swept: SweptRun[],
  rules: SweepRules,
  { store, width, compare }: { store: Store; width: number; /** the command that shows all points */ compare: string },
): { lines: string[]; best: RunSummary | null } {
  const figures = figuresOf(rules);
  const rows = swept.map(({ point, run }) => ({ point, run, values: bestValues(run, figures, store) }));
  rows.sort((a, b) => tierOf(a) - tierOf(b) || byFigures(a.values, b.values, figures) || a.point.index - b.point.index);
  const shownFigures = figures.flatMap((figure, index) =>
    rows.some(({ values }) => values[index] !== null) ? [{ ...figure, index }] : [],
  );
  const columns = differingColumns(swept.map(({ point }) => point));
  const cells = rows
    .slice(0, ROWS_SHOWN)
    .map(({ point, run, values }) => [
      ...columns.map(({ path }) => shown(point.names?.[path] ?? point.values[path])),
      ...shownFigures.map(({ index }) => digits(values[index] ?? null)),
      stateOf(run),
    ]);
  const heads = [
    ...columns.map(({ name, numeric }) => ({
      head: name,
      right: numeric,
      ...(numeric ? {} : { shrinks: 1, cut: clippedMiddle }),
    })),
    ...shownFigures.map(({ head }) => ({ head, right: true })),
    { head: '', shrinks: 1 },
  ];
  const more = rows.length - cells.length;
  const lines = [
    ...textTable(heads, cells, { width: width - 2 }).map((line) => `  ${line}`),
    ...(more > 0 ? [`  … ${withCommas(more)} more: ${compare}`] : []),
    ...failures(swept),
  ];
  return { lines, best: rows.find(({ run }) => run?.ok && !run.paused)?.run ?? null };
}

// --- figures ---------------------------------------------------------------

function figuresOf({ objective, halving }: SweepRules): Figure[] {
  const chosen = objective
    ? [
        {
          head: shownMetric(objective.metric),
          metric: objective.metric,
          goal: objective.goal,
          stage: objective.stage ?? null,
        },
      ]
    : [];
  // Kinds are listed in the order of the data: what a later one measures is closer to the final result.
  const usual = Object.values(kinds)
    .reverse()
    .flatMap(({ metrics, pauseFault }): Figure[] =>
      halving && pauseFault ? [] : (metrics?.sweepColumns ?? []).map((column) => ({ ...column, stage: null })),
    );
  if (halving)
    usual.push({
      head: `best ${shownMetric(halving.metric)}`,
      metric: halving.metric,
      goal: halving.goal,
      stage: halving.stage,
    });
  return [...chosen, ...usual.filter(({ metric }) => metric !== objective?.metric)];
}

/**
 * For each figure the best finite value that a run's stages reported, even if they failed afterwards; else null. Curves
 * are long, so the events of each stage are read once.
 */
function bestValues(run: RunSummary | null, figures: Figure[], store: Store): (number | null)[] {
  const best = figures.map((): number | null => null);
  for (const { name, key } of run?.stages ?? []) {
    if (key === null) continue;
    for (const event of eventsAt(store, key as Key)) {
      if (event.kind !== 'metric' || !Number.isFinite(event.value)) continue;
      for (const [index, { metric, goal, stage }] of figures.entries()) {
        if (event.name !== metric || (stage !== null && name !== stage)) continue;
        const before = best[index] ?? null;
        if (before === null || (goal === 'min' ? event.value < before : event.value > before))
          best[index] = event.value;
      }
    }
  }
  return best;
}

function byFigures(a: (number | null)[], b: (number | null)[], figures: Figure[]): number {
  for (const [index, { goal }] of figures.entries()) {
    const [first, second] = [a[index] ?? null, b[index] ?? null];
    if (first === null && second === null) continue;
    if (first === null || second === null) return first === null ? 1 : -1;
    if (first !== second) return (first < second ? -1 : 1) * (goal === 'min' ? 1 : -1);
  }
  return 0;
}

// --- the state of a point --------------------------------------------------

/** Done, then paused (the furthest first), then the rest. */
function tierOf({ run }: SweptRun): number {
  if (!run) return 1e11;
  if (run.stages.some(({ outcome }) => outcome === 'failed')) return 1e12;
  if (run.paused) return 1e9 - Math.max(...run.stages.map(({ pausedAt }) => pausedAt ?? 0));
  return run.ok ? 0 : 1e10;
}

function stateOf(run: RunSummary | null): string {
  if (!run) return 'not started';
  const stageWith = (wanted: string) => run.stages.find(({ outcome }) => outcome === wanted);
  const [failed, paused, stopped] = [stageWith('failed'), stageWith('paused'), stageWith('stopped')];
  if (failed) return `${failed.name} failed`;
  if (paused?.pausedAt !== undefined) return `paused at step ${withCommas(paused.pausedAt)}`;
  return stopped ? `${stopped.name} stopped` : '';
}

/** Failed stages with reason and log, once more: their own lines may have scrolled away. */
function failures(swept: SweptRun[]): string[] {
  const failed = swept.flatMap(({ point, run }) =>
    (run?.stages ?? []).filter(({ outcome }) => outcome === 'failed').map((stage) => ({ title: point.title, stage })),
  );
  const lines = failed
    .slice(0, ROWS_SHOWN)
    .flatMap(({ title, stage: { name, error, log } }) => [
      `failed: ${title}: ${name}: ${error?.split('\n')[0] ?? 'unknown reason'}`,
      ...(log ? [`        log: ${log}`] : []),
    ]);
  return failed.length > ROWS_SHOWN ? [...lines, `        and ${failed.length - ROWS_SHOWN} more`] : lines;
}

// --- what differs ----------------------------------------------------------

function differingColumns(points: SweepPoint[]): { path: string; name: string; numeric: boolean }[] {
  const paths = Object.keys(points[0]?.values ?? {});
  const names = shortNames(paths);
  const differing = paths.filter((path) => new Set(points.map(({ values }) => JSON.stringify(values[path]))).size > 1);
  return (differing.length > 0 ? differing : paths).map((path) => ({
    path,
    name: names.get(path)!,
    numeric: points.every(({ values }) => typeof values[path] === 'number'),
  }));
}

function shown(value: Json | undefined): string {
  if (typeof value === 'number') return plainDecimal(value);
  return typeof value === 'string' ? value : JSON.stringify(value ?? null);
}

/** The same number of decimals for all, so that a column is easy to compare. */
const digits = (value: number | null): string =>
  value === null ? '–' : Math.abs(value) >= 1000 ? value.toFixed(0) : value.toFixed(4);
