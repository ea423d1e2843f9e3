import { calledAs } from '../../files/called-as.ts';
import { join } from 'node:path';
import { counted } from '../../numbers/counted.ts';
import { changesBetween } from '../../pipeline/plan/causes.ts';
import type { Cause } from '../../pipeline/plan/causes.ts';
import type { Key, PreImage } from '../../pipeline/plan/key.ts';
import { openStore, readPreImage } from '../../store/store.ts';
import type { Store } from '../../store/store.ts';
import { causeLines } from '../screen/cause-words.ts';
import { runWord } from '../find/run-word.ts';
import { findRun } from '../find/find-run.ts';
import { runsDirectory } from '../runs-directory.ts';
import { shownMetric } from '../../history/metric-names.ts';
import { metricSummaries } from '../../history/metric-summary.ts';
import type { MetricSummary } from '../../history/metric-summary.ts';
import { readRun, samplesOf } from '../../history/read-run.ts';
import type { RunData } from '../../history/read-run.ts';
import { figure, short } from '../screen/shown-values.ts';
import { coloursFor } from '../screen/style.ts';
import type { Colours } from '../screen/style.ts';
import { clippedMiddle, padded, textTable, widthOf, wrapped } from '../screen/text-table.ts';
import { jsonText } from '../screen/printable.ts';

const SAMPLES_SHOWN = 3;
const SAMPLE_LINES = 8;
const WIDEST_SAMPLES = 160;

/** The value of the first and of the second run; null if a run has none. */
type Pair<Value> = [Value | null, Value | null];

interface Difference {
  params: Record<string, Pair<string>>;
  /** by stage: differences in its inputs other than params, and its two results */
  stages: Record<string, { causes: Cause[]; artifacts: Pair<string> }>;
  metrics: Record<string, { best: Pair<number>; last: Pair<number> }>;
  samples: { prompt: string; texts: Pair<string> }[];
}

/** `runner diff RUN RUN`: how two runs differ in params, inputs, results, metrics and samples. */
export function diffRuns({ before, after, json }: { before: string; after: string; json: boolean }): number {
  const runsDir = runsDirectory();
  const stories = [before, after].map((named) => readRun(findRun(runsDir, named))) as [RunData, RunData];
  const store = openStore(join(runsDir, 'store'));
  const difference = differenceBetween(...stories, store);
  if (json) {
    console.log(jsonText({ runs: stories.map(({ run }) => run), ...difference }, 2));
    return 0;
  }
  const colours = coloursFor(process.stdout);
  const width = widthOf(process.stdout);
  console.log(
    [
      ...paramLines(stories, difference, colours, width),
      ...stageLines(difference, store, colours),
      ...metricLines(difference, colours, width),
      ...sampleLines(difference, colours, width),
    ].join('\n'),
  );
  console.log(`\nnext: ${calledAs()} compare ${stories.map(runWord).join(' ')} --html compare.html`);
  return 0;
}

// ---------------------------------------------------------------------------

const differenceBetween = (a: RunData, b: RunData, store: Store): Difference => ({
  params: paramDifferences(a, b),
  stages: stageDifferences(a, b, store),
  metrics: metricPairs(a, b),
  samples: samplePairs(a, b),
});

function paramDifferences({ params: a }: RunData, { params: b }: RunData): Difference['params'] {
  const differing = names(a, b).filter((name) => a[name] !== b[name]);
  return Object.fromEntries(differing.map((name) => [name, [a[name] ?? null, b[name] ?? null]]));
}

/** The stages with any difference. Params are compared by `paramDifferences`, so they are left out here. */
function stageDifferences(a: RunData, b: RunData, store: Store): Difference['stages'] {
  const [left, right] = [stagesByName(a), stagesByName(b)];
  const differences = names(left, right).map((name): [string, Difference['stages'][string]] => {
    const [before, after] = [preImageOf(left[name], store), preImageOf(right[name], store)];
    const causes = before && after ? changesBetween(before, after).filter(({ kind }) => kind !== 'param') : [];
    return [name, { causes, artifacts: [left[name]?.artifact ?? null, right[name]?.artifact ?? null] }];
  });
  return Object.fromEntries(
    differences.filter(([, { causes, artifacts }]) => causes.length > 0 || artifacts[0] !== artifacts[1]),
  );
}

/** Every metric of either run, including equal ones. */
function metricPairs(a: RunData, b: RunData): Difference['metrics'] {
  const [left, right] = [summariesByName(a), summariesByName(b)];
  const metricNames = [...new Set([...left.keys(), ...right.keys()])];
  return Object.fromEntries(
    metricNames.map((name) => [
      name,
      {
        best: [left.get(name)?.best?.value ?? null, right.get(name)?.best?.value ?? null],
        last: [left.get(name)?.last.value ?? null, right.get(name)?.last.value ?? null],
      },
    ]),
  );
}

/** The first sample of each prompt in both runs. */
function samplePairs(a: RunData, b: RunData): Difference['samples'] {
  const [left, right] = [firstSamples(a), firstSamples(b)];
  return [...new Set([...left.keys(), ...right.keys()])].map((prompt) => ({
    prompt,
    texts: [left.get(prompt) ?? null, right.get(prompt) ?? null],
  }));
}

const stagesByName = ({ stages }: RunData): Record<string, RunData['stages'][number]> =>
  Object.fromEntries(stages.map((stage) => [stage.name, stage]));

const preImageOf = (stage: RunData['stages'][number] | undefined, store: Store): PreImage | null =>
  stage?.key ? readPreImage(store, stage.key as Key) : null;

const summariesByName = (story: RunData): Map<string, MetricSummary> =>
  new Map(metricSummaries(story).map((summary) => [summary.name, summary]));

/** prompt → text */
function firstSamples(story: RunData): Map<string, string> {
  const texts = new Map<string, string>();
  for (const { prompt, text } of samplesOf(story)) if (!texts.has(prompt)) texts.set(prompt, text);
  return texts;
}

const names = (a: object, b: object): string[] => [...new Set([...Object.keys(a), ...Object.keys(b)])];

// --- printing --------------------------------------------------------------

function paramLines([a, b]: [RunData, RunData], { params }: Difference, colours: Colours, width: number): string[] {
  const heads = [
    { head: '  param', shrinks: 1, cut: clippedMiddle },
    { head: a.name, shrinks: 1, cut: clippedMiddle },
    { head: b.name, shrinks: 1, cut: clippedMiddle },
  ];
  const rows = Object.entries(params).map(([name, [left, right]]) => [`  ${name}`, left ?? '–', right ?? '–']);
  if (rows.length === 0) return [`${colours.bold(a.name)} and ${colours.bold(b.name)} have the same params`];
  return textTable(heads, rows, { width, paint: (line, row) => (row === null ? colours.bold(line) : line) });
}

function stageLines({ stages }: Difference, store: Store, colours: Colours): string[] {
  const lines = Object.entries(stages).flatMap(([name, { causes, artifacts }]) => {
    const result =
      artifacts[0] === artifacts[1] ? 'the same result' : `${short(artifacts[0])} → ${short(artifacts[1])}`;
    return [`  ${name}: ${result}`, ...causeLines(causes, store, '    ')];
  });
  return lines.length ? ['', colours.bold('stages that differ'), ...lines] : ['', 'all stages have the same results'];
}

function metricLines({ metrics }: Difference, colours: Colours, width: number): string[] {
  const heads = [
    { head: '  metric', shrinks: 1, least: 20, cut: clippedMiddle },
    { head: 'best', right: true, shrinks: 2, goes: true },
    { head: 'best', right: true, shrinks: 3, goes: true },
    { head: 'last', right: true },
    { head: 'last', right: true },
    { head: 'change', right: true },
  ];
  const rows = Object.entries(metrics).map(([name, { best, last }]) => [
    `  ${shownMetric(name)}`,
    ...[...best, ...last].map((value) => (value === null ? '–' : figure(value))),
    signedChange(last),
  ]);
  return rows.length
    ? ['', ...textTable(heads, rows, { width, paint: (line, row) => (row === null ? colours.bold(line) : line) })]
    : [];
}

function signedChange([before, after]: Pair<number>): string {
  if (before === null || after === null) return '';
  if (before === after) return '=';
  return `${after > before ? '+' : ''}${figure(after - before)}`;
}

function sampleLines({ samples }: Difference, colours: Colours, width: number): string[] {
  if (samples.length === 0) return [];
  const shown = samples.slice(0, SAMPLES_SHOWN).map((sample) => sideBySide(sample, width));
  const more = samples.length - SAMPLES_SHOWN;
  return [
    '',
    colours.bold('first sample for each prompt'),
    ...shown.flatMap((lines, index) => (index === 0 ? lines : ['', ...lines])),
    ...(more > 0 ? [`  … and ${counted(more, 'more prompt')}`] : []),
  ];
}

/** Both texts in columns, cut to a few lines. */
function sideBySide({ prompt, texts }: Difference['samples'][number], width: number): string[] {
  const columnWidth = Math.floor((Math.min(width, WIDEST_SAMPLES) - 5) / 2);
  const [left, right] = texts.map((text) =>
    text === null ? ['–'] : wrapped(`${prompt}${text}`.trim(), columnWidth).slice(0, SAMPLE_LINES),
  ) as [string[], string[]];
  return Array.from({ length: Math.max(left.length, right.length) }, (_, row) =>
    `  ${padded(left[row] ?? '', columnWidth)} │ ${right[row] ?? ''}`.trimEnd(),
  );
}
