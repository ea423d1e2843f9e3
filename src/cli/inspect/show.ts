import { calledAs } from '../../files/called-as.ts';
import { join, resolve } from 'node:path';
import { seconds } from '../screen/durations.ts';
import { findRun } from '../find/find-run.ts';
import { runWord } from '../find/run-word.ts';
import { isRunPage, runPage } from '../../pages/run-page.ts';
import { chosenParams, paramText } from './chosen-params.ts';
import type { ChosenParam } from './chosen-params.ts';
import { runStory } from './run-story.ts';
import { pageScript, writePage } from './write-page.ts';
import { runsDirectory } from '../runs-directory.ts';
import { shownMetric } from '../../history/metric-names.ts';
import type { MetricSummary } from '../../history/metric-summary.ts';
import { readLabels, tagText } from '../../tracking/labels/labels.ts';
import type { Labels } from '../../tracking/labels/labels.ts';
import { metricSummaries } from '../../history/metric-summary.ts';
import { readRun, samplesOf } from '../../history/read-run.ts';
import type { RunData } from '../../history/read-run.ts';
import { lossCurve } from '../screen/loss-curve.ts';
import { figure, nearPath, when } from '../screen/shown-values.ts';
import { outcomePaint } from '../screen/outcome-paint.ts';
import { coloursFor } from '../screen/style.ts';
import type { Colours } from '../screen/style.ts';
import { clipped, clippedMiddle, clippedStart, hanging, padded, textTable, widthOf } from '../screen/text-table.ts';
import { jsonText } from '../screen/printable.ts';

const SAMPLES_SHOWN = 4;

interface ShowArguments {
  run: string;
  json: boolean;
  /** a file to write the page to */
  html: string | null;
}

/** `runner show RUN`: its settings, its outcome, and where its files are; with `--html`, also a page of all of it. */
export async function showRun({ run, json, html }: ShowArguments): Promise<number> {
  const past = findRun(runsDirectory(), run);
  if (html !== null)
    writePage(resolve(html), {
      verb: 'show',
      isOurs: isRunPage,
      html: runPage(await runStory(past), pageScript('run')),
    });
  const story = readRun(past);
  const chosen = chosenParams(past);
  const samples = samplesOf(story);
  const labels = readLabels(past.dir);
  if (json) {
    const { metrics: _, startedMs, params, ...rest } = story;
    console.log(
      jsonText(
        {
          ...rest,
          ...labels,
          started: new Date(startedMs).toISOString(),
          chosen: Object.fromEntries(chosen.map(({ path, value }) => [path, value])),
          params,
          metrics: metricSummaries(story),
          samples,
        },
        2,
      ),
    );
    return 0;
  }
  const colours = coloursFor(process.stdout);
  const width = widthOf(process.stdout);
  const curve = lossCurve(story.metrics, width, colours);
  console.log(
    [
      ...heading(story, width, colours),
      ...labelLines(labels, width),
      ...chosenLines(chosen, width, colours),
      ...stageLines(story, colours, width),
      ...metricLines(story, colours, width),
      ...(curve.length > 0 ? ['', ...curve] : []),
      ...sampleLines(story, samples, width, colours),
      ...fileLines(story, html),
    ].join('\n'),
  );
  return 0;
}

// ---------------------------------------------------------------------------

function heading(
  { name, pipeline, title, sweep, startedMs, seconds: took, outcome, trouble }: RunData,
  width: number,
  colours: Colours,
): string[] {
  const paint = outcomePaint(colours)[outcome];
  const facts = [
    pipeline,
    sweep ? `${title} of ${sweep.id}` : '',
    when(startedMs),
    took === null ? '' : seconds(took),
  ].filter(Boolean);
  return [
    `${colours.bold(clippedMiddle(name, width - outcome.length - 2))}  ${paint(outcome)}`,
    ...hanging(`  ${facts.join(' · ')}`, width, '  '),
    ...(trouble ? hanging(`  ${trouble}`, width, '  ').map(colours.yellow) : []),
  ];
}

function labelLines({ description, tags, notes }: Labels, width: number): string[] {
  const named = Object.entries(tags).map(tagText).join(', ');
  const texts = [
    ...(description === null ? [] : [description]),
    ...(named === '' ? [] : [`tags: ${named}`]),
    ...notes.map((note) => `note: ${note}`),
  ];
  return texts.flatMap((text) => hanging(`  ${text.trim().replaceAll('\n', '\n  ')}`, width, '  '));
}

function chosenLines(chosen: ChosenParam[], width: number, colours: Colours): string[] {
  if (chosen.length === 0) return [];
  const longest = Math.max(...chosen.map(({ path }) => path.length));
  const room = Math.min(longest, Math.max(20, Math.floor(width / 2)));
  return [
    '',
    colours.dim('params that are not defaults'),
    ...chosen.map(({ path, value }) =>
      clipped(`  ${padded(path, room, false, clippedMiddle)}  ${paramText(value)}`, width),
    ),
  ];
}

function stageLines({ stages, dir }: RunData, colours: Colours, width: number): string[] {
  if (stages.length === 0) return ['', colours.dim('no stage has finished yet')];
  const columns = [
    { head: '  stage', shrinks: 3, cut: clippedMiddle },
    { head: 'kind', shrinks: 2, goes: true },
    { head: 'outcome' },
    { head: 'took', right: true },
    {
      head: 'result',
      shrinks: 1,
      least: 20,
      cut: pathOrError,
    },
  ];
  const rows = stages.map(({ name, kind, outcome, seconds: took, artifact, resumedAt, error }) => [
    `  ${name}`,
    kind,
    outcome === 'resumed' ? `resumed at step ${resumedAt}` : outcome,
    took > 0 ? seconds(took) : '',
    artifact ? nearPath(join(dir, 'stages', name)) : (error?.split('\n')[0] ?? ''),
  ]);
  return ['', ...textTable(columns, rows, { width, paint: (line, row) => (row === null ? colours.dim(line) : line) })];
}

/** The end of a path and the start of an error say what it is. */
const pathOrError = (text: string, width: number): string =>
  text.startsWith('/') || !text.includes(' ') ? clippedStart(text, width) : clipped(text, width);

function metricLines(story: RunData, colours: Colours, width: number): string[] {
  const columns = [
    { head: '  metric', shrinks: 1, least: 20, cut: clippedMiddle },
    { head: 'best', right: true },
    { head: 'at step', right: true, shrinks: 3, goes: true },
    { head: 'last', right: true },
    { head: 'at step', right: true, shrinks: 2, goes: true },
  ];
  const rows = withoutRepeats(metricSummaries(story)).map(({ name, best, last }) => [
    `  ${shownMetric(name)}`,
    best ? figure(best.value) : '',
    best ? figure(best.step) : '',
    figure(last.value),
    figure(last.step),
  ]);
  return rows.length
    ? ['', ...textTable(columns, rows, { width, paint: (line, row) => (row === null ? colours.dim(line) : line) })]
    : [];
}

/** A best loss is in the row of its curve already. */
const withoutRepeats = (summaries: MetricSummary[]): MetricSummary[] =>
  summaries.filter(
    ({ name }) =>
      !summaries.some((other) => other.best && name === other.name.replace(/eval\/loss$/, 'best/eval_loss')),
  );

function sampleLines(
  { stages, dir }: RunData,
  samples: ReturnType<typeof samplesOf>,
  width: number,
  colours: Colours,
): string[] {
  if (samples.length === 0) return [];
  const shown = samples
    .slice(0, SAMPLES_SHOWN)
    .map(({ prompt, text }) => clipped(`  ${`${prompt}${text}`.trim().split('\n')[0] ?? ''}`, Math.min(width, 120)));
  const stage = stages.find(({ name }) => name === samples[0]?.stage);
  return [
    '',
    colours.dim(`first lines of ${Math.min(SAMPLES_SHOWN, samples.length)} of ${samples.length} samples; all of them:`),
    colours.dim(`  ${nearPath(join(dir, 'stages', stage?.name ?? '', 'samples.md'))}`),
    ...shown,
  ];
}

function fileLines(run: RunData, html: string | null): string[] {
  const { dir, outcome } = run;
  const next =
    outcome === 'failed' || outcome === 'died'
      ? `${calledAs()} logs ${runWord(run)}`
      : outcome === 'running'
        ? `${calledAs()} logs ${runWord(run)} -f`
        : `${calledAs()} compare`;
  const last =
    html === null ? `next:  ${next}` : `page:  ${nearPath(resolve(html))} (open it in a browser; it needs no network)`;
  return ['', `files: ${nearPath(dir)}`, last];
}
