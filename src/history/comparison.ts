import { shortNames } from '../pipeline/sweep/titles.ts';
import { onLine } from '../pages/comparison.ts';
import type { ComparedRun, Comparison, Measured } from '../pages/comparison.ts';
import { shownMetric } from './metric-names.ts';
import { bestOf, directionOf, metricSummaries } from './metric-summary.ts';
import { lossName, samplesOf } from './read-run.ts';
import type { Point, RunData } from './read-run.ts';

/** More points than a screen can show; of a longer curve, every n-th point and the last are kept. */
const MAX_POINTS = 1500;
const MAX_TEXTS = 4;
const MAX_PROMPTS = 20;

/** What the journal of a run does not say about it. */
export interface RunFacts {
  /** params that are not defaults: dotted path → value */
  chosen: Record<string, string>;
  /** what it read: `chats.csv, sha256 4be1a2…` */
  data: string[];
}

/**
 * Compares runs, best first, by the metric `chosen`, or by a loss that all of them have if it is null. Without `facts`,
 * every param counts as chosen.
 */
export function compareRuns(
  data: RunData[],
  chosen: string | null,
  facts: ReadonlyMap<string, RunFacts> = new Map(),
): Comparison {
  const metric = chosen ?? commonLoss(data);
  const differing = differingParams(data, facts);
  const names = shortNames(differing);
  const equalTokens = minTokens(data, metric);
  const runs = data.map((run) =>
    comparedRun(run, { metric, equalTokens, differing, names, data: facts.get(run.run)?.data ?? [] }),
  );
  nameApart(runs);
  const sign = metric !== null && directionOf(metric) > 0 ? -1 : 1;
  const order = (run: ComparedRun): number => (run.best === null ? Infinity : sign * run.best.value);
  runs.sort((a, b) => order(a) - order(b) || 0);
  const curves = [
    ...new Map(
      data.flatMap((run) =>
        metricSummaries(run)
          .filter(({ points }) => points > 1)
          .map(({ name }) => [name, true] as const),
      ),
    ).keys(),
  ].filter((name) => !/(^|\/)best\//.test(name));
  return {
    title: titleOf(data),
    metric,
    lessIsBetter: sign === 1,
    equalTokens,
    common: commonParams(data, facts),
    differing: differing.map((path) => ({ path, name: names.get(path) ?? path })),
    runs,
    curves: metric !== null && curves.includes(metric) ? [metric, ...curves.filter((name) => name !== metric)] : curves,
    metricNames: Object.fromEntries(
      [...new Set([...curves, ...(metric === null ? [] : [metric])])].flatMap((name) =>
        shownMetric(name) === name ? [] : [[name, shownMetric(name)]],
      ),
    ),
  };
}

// ---------------------------------------------------------------------------

/** The name of the best loss metric that all runs with metrics have; if there is none, that of the first run. */
function commonLoss(runs: RunData[]): string | null {
  const measured = runs.filter(({ metrics }) => metrics.size > 0);
  const shared = [...(measured[0]?.metrics.keys() ?? [])].filter((name) =>
    measured.every(({ metrics }) => metrics.has(name)),
  );
  return lossName(new Map(shared.map((name) => [name, true]))) ?? (measured[0] ? lossName(measured[0].metrics) : null);
}

/** The params that differ between the runs: those of a sweep in its order, then the others by name. */
function differingParams(runs: RunData[], facts: ReadonlyMap<string, RunFacts>): string[] {
  const swept = [...new Set(runs.flatMap(({ sweep }) => sweep?.params ?? []))];
  const all = [...new Set(runs.flatMap(({ params }) => Object.keys(params)))].sort();
  return [...swept, ...all.filter((path) => !swept.includes(path))].filter((path) => differs(path, runs, facts));
}

/**
 * Whether two runs have different values. A run without the param differs only if it has that stage, and if another run
 * chose a value: a run that trains nothing has no other engine than one that does.
 */
function differs(path: string, runs: RunData[], facts: ReadonlyMap<string, RunFacts>): boolean {
  const having = runs.filter(({ params }) => path in params);
  if (new Set(having.map(({ params }) => params[path])).size > 1) return true;
  const stage = path.split('.')[0]!;
  const lacksIt = runs.some(({ params }) => !(path in params) && hasStage(params, stage));
  return lacksIt && having.some(({ run }) => path in (facts.get(run)?.chosen ?? { [path]: '' }));
}

/** Whether a run with several stages has this one. The params of an old run may have no stage in front. */
const hasStage = (params: Record<string, string>, stage: string): boolean =>
  Object.keys(params).some((path) => path.startsWith(`${stage}.`)) ||
  !Object.keys(params).some((path) => path.includes('.'));

/** Params that every run has chosen, with the same value. */
function commonParams(runs: RunData[], facts: ReadonlyMap<string, RunFacts>): Comparison['common'] {
  const [first, ...others] = runs.map(({ run }) => facts.get(run)?.chosen ?? {});
  return Object.entries(first ?? {}).flatMap(([path, value]) =>
    others.every((chosen) => chosen[path] === value) ? [{ path, value }] : [],
  );
}

/** Labels name a run by what differs. Where they would be the same or are too long to read, its name does that. */
function nameApart(runs: ComparedRun[]): void {
  const labels = runs.map(({ label }) => label);
  if (new Set(labels).size === labels.length && labels.every((label) => !label.includes('…'))) return;
  for (const run of runs) run.label = run.name;
}

function titleOf(runs: RunData[]): string {
  const sweeps = new Set(runs.map(({ sweep }) => sweep?.id));
  const only = [...sweeps][0];
  return sweeps.size === 1 && only !== undefined ? only : [...new Set(runs.map(({ pipeline }) => pipeline))].join(', ');
}

interface Basis {
  metric: string | null;
  equalTokens: number | null;
  differing: string[];
  names: Map<string, string>;
  data: string[];
}

function comparedRun(run: RunData, { metric, equalTokens, differing, names, data }: Basis): ComparedRun {
  const points = metric === null ? [] : (run.metrics.get(metric) ?? []);
  const clock = clockOf(run, metric);
  const tokensAt = ({ step }: Point): number | null => (clock.tokens ? onLine(clock.steps, clock.tokens, step) : null);
  const finite = points.filter(({ value }) => Number.isFinite(value));
  const byTokens = finite.flatMap((point) => {
    const tokens = tokensAt(point);
    return tokens === null ? [] : [{ tokens, value: point.value }];
  });
  return {
    run: run.run,
    name: run.name,
    label: labelOf(run, differing, names),
    outcome: run.outcome,
    startedMs: run.startedMs,
    data,
    params: Object.fromEntries(differing.map((path) => [path, run.params[path] ?? null])),
    best: measured(metric === null ? null : (bestOf(metric, points) ?? points.at(-1) ?? null)),
    last: measured(points.at(-1) ?? null),
    atEqualTokens:
      equalTokens === null
        ? null
        : onLine(
            byTokens.map(({ tokens }) => tokens),
            byTokens.map(({ value }) => value),
            equalTokens,
          ),
    tokens: clock.tokens?.at(-1) ?? null,
    seconds: clock.seconds.at(-1) ?? null,
    curves: Object.fromEntries(
      [...run.metrics].flatMap(([name, curve]) =>
        curve.length > 1 && !/(^|\/)best\//.test(name) ? [[name, thinned(curve)]] : [],
      ),
    ),
    clock,
    samples: samplesByPrompt(run),
  };
}

function labelOf(run: RunData, differing: string[], names: Map<string, string>): string {
  const values = differing.slice(0, 4).map((path) => `${names.get(path)}=${cut(run.params[path] ?? '–')}`);
  return values.length ? `${values.join(' ')}${differing.length > 4 ? ' …' : ''}` : run.sweep ? run.title : run.name;
}

const cut = (text: string): string => (text.length > 24 ? `${text.slice(0, 23)}…` : text);

const measured = (point: Point | null): Measured | null =>
  point ? { value: rounded(point.value), step: point.step } : null;

/** Step → tokens seen and seconds of training, from the curves of the stage that measured `metric`. */
function clockOf(run: RunData, metric: string | null): ComparedRun['clock'] {
  const prefix = /^(.*?)(?:train|eval|evaluate)\//.exec(metric ?? '')?.[1] ?? '';
  const tokens = run.metrics.get(`${prefix}train/tokens_seen`) ?? null;
  const measurements = metric === null ? [] : (run.metrics.get(metric) ?? []);
  const timed = tokens ?? run.metrics.get(`${prefix}train/loss`) ?? measurements;
  const kept = everyNth(timed);
  const first = [...timed.slice(0, 1), ...measurements.slice(0, 1)].reduce<Point | null>(
    (best, point) => (best === null || point.time < best.time ? point : best),
    null,
  );
  // start at step 0, because the first validation may be before the first logged step
  const addsStart = first && kept[0] && kept[0].step > 0;
  const seconds = secondsOf(addsStart ? [{ ...first, step: 0 }, ...kept] : kept);
  return {
    steps: [...(addsStart ? [0] : []), ...kept.map(({ step }) => step)],
    tokens: tokens ? [...(addsStart ? [0] : []), ...kept.map(({ value }) => value)] : null,
    seconds,
  };
}

/** Seconds since the first point. A gap much longer than usual means that the run was stopped; it counts as usual. */
function secondsOf(points: Point[]): number[] {
  const gaps = points.slice(1).map(({ time }, index) => Math.max(0, (time - points[index]!.time) / 1000));
  const usual = [...gaps].sort((a, b) => a - b)[Math.floor(gaps.length / 2)] ?? 0;
  let sum = 0;
  return [0, ...gaps.map((gap) => rounded((sum += gap > 60 && gap > 20 * usual ? usual : gap)))].slice(
    0,
    points.length,
  );
}

/** The largest number of tokens up to which all runs were measured; runs without token counts are ignored. */
function minTokens(runs: RunData[], metric: string | null): number | null {
  const last = runs.flatMap((run) => {
    const { tokens, steps } = clockOf(run, metric);
    const end = metric === null ? undefined : run.metrics.get(metric)?.at(-1);
    const count = tokens && end ? onLine(steps, tokens, Math.min(end.step, steps.at(-1) ?? 0)) : null;
    return count === null || count === 0 ? [] : [count];
  });
  return last.length > 1 ? Math.min(...last) : null;
}

function everyNth(points: Point[]): Point[] {
  const stride = Math.max(1, Math.ceil(points.length / MAX_POINTS));
  return points.filter((_, index) => index % stride === 0 || index === points.length - 1);
}

function thinned(points: Point[]): { steps: number[]; values: number[] } {
  const kept = everyNth(points);
  return { steps: kept.map(({ step }) => step), values: kept.map(({ value }) => rounded(value)) };
}

const rounded = (value: number): number => (Number.isFinite(value) ? Number(value.toPrecision(7)) : value);

function samplesByPrompt(run: RunData): ComparedRun['samples'] {
  const byPrompt = new Map<string, string[]>();
  for (const { prompt, text } of samplesOf(run)) byPrompt.set(prompt, [...(byPrompt.get(prompt) ?? []), text]);
  return [...byPrompt].slice(0, MAX_PROMPTS).map(([prompt, texts]) => ({ prompt, texts: texts.slice(0, MAX_TEXTS) }));
}
