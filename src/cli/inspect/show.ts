import { join } from 'node:path';
import { kinds } from '../../../stages/index.ts';
import { changedParams } from '../../pipeline/schema/changed-params.ts';
import type { Schema } from '../../pipeline/schema/check.ts';
import type { Json } from '../../pipeline/yaml/tree.ts';
import { seconds } from '../screen/durations.ts';
import { findRun } from '../find/find-run.ts';
import { runWord } from '../find/run-word.ts';
import { frozenStages } from '../../history/frozen-pipeline.ts';
import { runsDirectory } from '../runs-directory.ts';
import { metricSummaries } from '../../history/metric-summary.ts';
import { readRun, samplesOf } from '../../history/read-run.ts';
import type { RunData } from '../../history/read-run.ts';
import { figure, nearPath, when } from '../screen/shown-values.ts';
import { outcomePaint } from '../screen/outcome-paint.ts';
import { coloursFor } from '../screen/style.ts';
import type { Colours } from '../screen/style.ts';
import { clipped, textTable, widthOf } from '../screen/text-table.ts';
import { jsonText } from '../screen/printable.ts';

const SAMPLES_SHOWN = 4;

/** `runner show RUN`: its settings, its outcome, and where its files are. */
export function showRun({ run, json }: { run: string; json: boolean }): number {
  const past = findRun(runsDirectory(), run);
  const story = readRun(past);
  const chosen = Object.entries(frozenStages(past)).flatMap(([name, stage]) =>
    changedParamsOf(name, stage.kind, stage.params),
  );
  const samples = samplesOf(story);
  if (json) {
    const { metrics: _, startedMs, params, ...rest } = story;
    console.log(
      jsonText(
        {
          ...rest,
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
  console.log(
    [
      ...heading(story, colours),
      ...chosenLines(chosen, width, colours),
      ...stageLines(story, colours, width),
      ...metricLines(story, colours, width),
      ...sampleLines(story, samples, width, colours),
      ...fileLines(story),
    ].join('\n'),
  );
  return 0;
}

// ---------------------------------------------------------------------------

function changedParamsOf(name: string, kind: string, params: { [key: string]: Json }): { path: string; value: Json }[] {
  return changedParams((kinds[kind]?.params ?? {}) as Schema, params).map(({ path, value }) => ({
    path: `${name}.${path}`,
    value,
  }));
}

function heading(
  { name, pipeline, title, sweep, startedMs, seconds: took, outcome, trouble }: RunData,
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
    `${colours.bold(name)}  ${paint(outcome)}`,
    `  ${facts.join(' · ')}`,
    ...(trouble ? [`  ${colours.yellow(trouble)}`] : []),
  ];
}

function chosenLines(chosen: { path: string; value: Json }[], width: number, colours: Colours): string[] {
  if (chosen.length === 0) return [];
  const room = Math.max(...chosen.map(({ path }) => path.length));
  return [
    '',
    colours.dim('params that are not defaults'),
    ...chosen.map(({ path, value }) =>
      clipped(`  ${path.padEnd(room)}  ${typeof value === 'string' ? value : JSON.stringify(value)}`, width),
    ),
  ];
}

function stageLines({ stages, dir }: RunData, colours: Colours, width: number): string[] {
  if (stages.length === 0) return ['', colours.dim('no stage has finished yet')];
  const columns = [
    { head: '  stage' },
    { head: 'kind' },
    { head: 'outcome' },
    { head: 'took', right: true },
    { head: 'result', shrinks: true },
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

function metricLines(story: RunData, colours: Colours, width: number): string[] {
  const columns = [
    { head: '  metric', shrinks: true },
    { head: 'best', right: true },
    { head: 'at step', right: true },
    { head: 'last', right: true },
    { head: 'at step', right: true },
  ];
  const rows = metricSummaries(story).map(({ name, best, last }) => [
    `  ${name}`,
    best ? figure(best.value) : '',
    best ? figure(best.step) : '',
    figure(last.value),
    figure(last.step),
  ]);
  return rows.length
    ? ['', ...textTable(columns, rows, { width, paint: (line, row) => (row === null ? colours.dim(line) : line) })]
    : [];
}

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
    colours.dim(
      `samples: first lines of ${Math.min(SAMPLES_SHOWN, samples.length)} of ${samples.length} (all: ${nearPath(join(dir, 'stages', stage?.name ?? '', 'samples.md'))})`,
    ),
    ...shown,
  ];
}

function fileLines(run: RunData): string[] {
  const { dir, outcome } = run;
  const next =
    outcome === 'failed' || outcome === 'died'
      ? `./runner logs ${runWord(run)}`
      : outcome === 'running'
        ? `./runner logs ${runWord(run)} -f`
        : './runner compare';
  return ['', `files: ${nearPath(dir)}`, `next:  ${next}`];
}
