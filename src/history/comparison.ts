import { shortNames } from '../pipeline/sweep/titles.ts';
import { onLine } from '../pages/comparison.ts';
import type { ComparedRun, Comparison, Measured } from '../pages/comparison.ts';
import { bestOf, directionOf, metricSummaries } from './metric-summary.ts';
import { lossName, samplesOf } from './read-run.ts';
import type { Point, RunData } from './read-run.ts';

/** More points than this no screen can show: of a longer curve every n-th is kept, and the last. */
const POINTS_KEPT = 1500;
const TEXTS_KEPT = 4;
const PROMPTS_KEPT = 20;

/** Runs beside one another: what differs first, best first. `asked` names a metric; else it is the loss that all have. */
export function compareRuns(stories: RunData[], asked: string | null): Comparison {
  const metric = asked ?? commonLoss(stories);
  const differing = differingParams(stories);
  const names = shortNames(differing);
  const equalTokens = leastTokens(stories, metric);
  const runs = stories.map((story) => comparedRun(story, { metric, equalTokens, differing, names }));
  const sign = metric !== null && directionOf(metric) > 0 ? -1 : 1;
  const order = (run: ComparedRun): number => (run.best === null ? Infinity : sign * run.best.value);
  runs.sort((a, b) => order(a) - order(b) || 0);
  const curves = [
    ...new Map(
      stories.flatMap((story) =>
        metricSummaries(story)
          .filter(({ points }) => points > 1)
          .map(({ name }) => [name, true] as const),
      ),
    ).keys(),
  ].filter((name) => !/(^|\/)best\//.test(name));
  return {
    title: titleOf(stories),
    metric,
    lessIsBetter: sign === 1,
    equalTokens,
    differing: differing.map((path) => ({ path, name: names.get(path) ?? path })),
    runs,
    curves: metric !== null && curves.includes(metric) ? [metric, ...curves.filter((name) => name !== metric)] : curves,
  };
}

// ---------------------------------------------------------------------------

/** The best loss name that every run with metrics has; of one run if there is none. */
function commonLoss(stories: RunData[]): string | null {
  const measured = stories.filter(({ metrics }) => metrics.size > 0);
  const shared = [...(measured[0]?.metrics.keys() ?? [])].filter((name) =>
    measured.every(({ metrics }) => metrics.has(name)),
  );
  return lossName(new Map(shared.map((name) => [name, true]))) ?? (measured[0] ? lossName(measured[0].metrics) : null);
}

/**
 * Those of a sweep in its order, then the others by name; a name that a whole stage brings along is told by the stage's
 * other params already.
 */
function differingParams(stories: RunData[]): string[] {
  const swept = [...new Set(stories.flatMap(({ sweep }) => sweep?.params ?? []))];
  const all = [...new Set(stories.flatMap(({ params }) => Object.keys(params)))].sort();
  const differs = (path: string): boolean => new Set(stories.map(({ params }) => params[path])).size > 1;
  return [...swept, ...all.filter((path) => !swept.includes(path))].filter(differs);
}

function titleOf(stories: RunData[]): string {
  const sweeps = new Set(stories.map(({ sweep }) => sweep?.id));
  const only = [...sweeps][0];
  return sweeps.size === 1 && only !== undefined
    ? only
    : [...new Set(stories.map(({ pipeline }) => pipeline))].join(', ');
}

interface Comparing {
  metric: string | null;
  equalTokens: number | null;
  differing: string[];
  names: Map<string, string>;
}

function comparedRun(story: RunData, { metric, equalTokens, differing, names }: Comparing): ComparedRun {
  const points = metric === null ? [] : (story.metrics.get(metric) ?? []);
  const clock = clockOf(story, metric);
  const tokensAt = ({ step }: Point): number | null => (clock.tokens ? onLine(clock.steps, clock.tokens, step) : null);
  const finite = points.filter(({ value }) => Number.isFinite(value));
  const placed = finite.flatMap((point) => {
    const tokens = tokensAt(point);
    return tokens === null ? [] : [{ tokens, value: point.value }];
  });
  return {
    run: story.run,
    label: labelOf(story, differing, names),
    outcome: story.outcome,
    params: Object.fromEntries(differing.map((path) => [path, story.params[path] ?? null])),
    best: measured(metric === null ? null : (bestOf(metric, points) ?? points.at(-1) ?? null)),
    last: measured(points.at(-1) ?? null),
    atEqualTokens:
      equalTokens === null
        ? null
        : onLine(
            placed.map(({ tokens }) => tokens),
            placed.map(({ value }) => value),
            equalTokens,
          ),
    tokens: clock.tokens?.at(-1) ?? null,
    seconds: clock.seconds.at(-1) ?? null,
    curves: Object.fromEntries(
      [...story.metrics].flatMap(([name, curve]) =>
        curve.length > 1 && !/(^|\/)best\//.test(name) ? [[name, thinned(curve)]] : [],
      ),
    ),
    clock,
    samples: samplesByPrompt(story),
  };
}

function labelOf(story: RunData, differing: string[], names: Map<string, string>): string {
  const told = differing.slice(0, 4).map((path) => `${names.get(path)}=${cut(story.params[path] ?? '–')}`);
  return told.length ? `${told.join(' ')}${differing.length > 4 ? ' …' : ''}` : story.sweep ? story.title : story.run;
}

const cut = (text: string): string => (text.length > 24 ? `${text.slice(0, 23)}…` : text);

const measured = (point: Point | null): Measured | null =>
  point ? { value: rounded(point.value), step: point.step } : null;

/** Step → tokens seen and seconds of training, from the curves of the stage that measured `metric`. */
function clockOf(story: RunData, metric: string | null): ComparedRun['clock'] {
  const prefix = /^(.*?)(?:train|eval|evaluate)\//.exec(metric ?? '')?.[1] ?? '';
  const tokens = story.metrics.get(`${prefix}train/tokens_seen`) ?? null;
  const timed =
    tokens ?? story.metrics.get(`${prefix}train/loss`) ?? (metric === null ? [] : (story.metrics.get(metric) ?? []));
  const kept = every(timed);
  const own = metric === null ? [] : (story.metrics.get(metric) ?? []);
  const first = [...timed.slice(0, 1), ...own.slice(0, 1)].reduce<Point | null>(
    (best, point) => (best === null || point.time < best.time ? point : best),
    null,
  );
  // the beginning is a place too: a validation may stand before the first step
  const began = first && kept[0] && kept[0].step > 0;
  const seconds = secondsOf(began ? [{ ...first, step: 0 }, ...kept] : kept);
  return {
    steps: [...(began ? [0] : []), ...kept.map(({ step }) => step)],
    tokens: tokens ? [...(began ? [0] : []), ...kept.map(({ value }) => value)] : null,
    seconds,
  };
}

/**
 * Seconds since the first point; a pause much longer than the others was a run that was dead, and counts as a usual
 * one.
 */
function secondsOf(points: Point[]): number[] {
  const gaps = points.slice(1).map(({ time }, at) => Math.max(0, (time - points[at]!.time) / 1000));
  const usual = [...gaps].sort((a, b) => a - b)[Math.floor(gaps.length / 2)] ?? 0;
  let sum = 0;
  return [0, ...gaps.map((gap) => rounded((sum += gap > 60 && gap > 20 * usual ? usual : gap)))].slice(
    0,
    points.length,
  );
}

/** The most tokens at which every run that has any was measured. */
function leastTokens(stories: RunData[], metric: string | null): number | null {
  const last = stories.flatMap((story) => {
    const { tokens, steps } = clockOf(story, metric);
    const end = metric === null ? undefined : story.metrics.get(metric)?.at(-1);
    const at = tokens && end ? onLine(steps, tokens, Math.min(end.step, steps.at(-1) ?? 0)) : null;
    return at === null || at === 0 ? [] : [at];
  });
  return last.length > 1 ? Math.min(...last) : null;
}

function every(points: Point[]): Point[] {
  const stride = Math.max(1, Math.ceil(points.length / POINTS_KEPT));
  return points.filter((_, at) => at % stride === 0 || at === points.length - 1);
}

function thinned(points: Point[]): { steps: number[]; values: number[] } {
  const kept = every(points);
  return { steps: kept.map(({ step }) => step), values: kept.map(({ value }) => rounded(value)) };
}

const rounded = (value: number): number => (Number.isFinite(value) ? Number(value.toPrecision(7)) : value);

function samplesByPrompt(story: RunData): ComparedRun['samples'] {
  const byPrompt = new Map<string, string[]>();
  for (const { prompt, text } of samplesOf(story)) byPrompt.set(prompt, [...(byPrompt.get(prompt) ?? []), text]);
  return [...byPrompt].slice(0, PROMPTS_KEPT).map(([prompt, texts]) => ({ prompt, texts: texts.slice(0, TEXTS_KEPT) }));
}
