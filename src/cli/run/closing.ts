import { calledAs } from '../../files/called-as.ts';
import { existsSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { CONVERSATIONS_PAGE_FILE } from '../../artifacts/conversations.ts';
import { runNames } from '../../history/run-names.ts';
import { nearPath } from '../screen/shown-values.ts';
import { kinds } from '../../../stages/index.ts';
import { counted } from '../../numbers/counted.ts';
import type { StageResult } from '../../pipeline/events.ts';
import { SAMPLES_FILE } from '../../tracking/journal/sample-texts.ts';
import { seconds } from '../screen/durations.ts';
import { hanging } from '../screen/text-table.ts';
import { resultText } from './result-text.ts';
import type { RunSummary } from './run-point.ts';
import type { Colours } from '../screen/style.ts';
import { countsOf } from '../screen/terminal.ts';

export interface Closing {
  runs: RunSummary[];
  /** for a sweep: the comparison of its points; else empty */
  table: string[];
  /** for a sweep: its id, and the run whose results are named */
  sweep?: string | null;
  best?: RunSummary | null;
  tookSeconds: number;
  ok: boolean;
  /** the words that start the same run again: `run x.yaml --set …`; null if unknown */
  again: string | null;
  /** lines about the tracker: label and value */
  tracking: string[];
  colours: Colours;
  /** of the terminal */
  width: number;
}

/** The last lines of a run: how it ended, how long it took, where the results are, what to do next. */
export function closingBox({
  runs,
  table,
  sweep,
  best,
  tookSeconds,
  ok,
  again,
  tracking,
  colours,
  width,
}: Closing): string[] {
  const last = runs.at(-1);
  if (!last) return ['', 'nothing was run'];
  const stages = runs.flatMap((run) => run.stages);
  const head = `${ok ? colours.green('done in') : colours.red(`${endingOf(stages)} after`)} ${seconds(tookSeconds)} · ${countsOf(stages)}`;
  const facts = [
    ...resumedLines(stages),
    ...savedLine(stages),
    ...(table.length ? [] : failedLines(runs)),
    ...resultLines(
      best ?? last,
      sweep ? `${counted(runs.length, 'run')} of ${sweep}; ${best ? 'the best' : 'the last'}: ` : '',
    ),
    ...pageLines(best ?? last),
  ];
  const samples = ok && table.length === 0 ? sampleLines(last, colours) : [];
  return [
    '',
    head,
    ...table,
    ...samples,
    ...(table.length ? [] : resultSentence(last, width)),
    ...facts,
    ...(ok || again === null ? [] : [`to continue: ${calledAs()} ${again}`]),
    ...tracking,
  ];
}

// ---------------------------------------------------------------------------

/** Why a run is not done, in a word. */
function endingOf(stages: StageResult[]): string {
  if (stages.some(({ outcome }) => outcome === 'failed')) return 'failed';
  return stages.some(({ outcome }) => outcome === 'stopped') ? 'stopped' : 'incomplete';
}

/** A run in which nothing was computed is not compared with others, because that takes time. */
function resultSentence({ dir, stages }: RunSummary, width: number): string[] {
  const text = resultText(
    dir,
    stages.some(({ outcome }) => outcome === 'ran' || outcome === 'resumed'),
  );
  return text === null ? [] : hanging(`result:  ${text}`, width, '         ');
}

function resumedLines(stages: StageResult[]): string[] {
  const resumed = stages
    .filter(({ outcome }) => outcome === 'resumed')
    .map(({ name, resumedAt }) => `${name} at step ${resumedAt}`);
  return resumed.length ? [`resumed: ${resumed.join(', ')}`] : [];
}

function savedLine(stages: StageResult[]): string[] {
  const saved = stages.reduce((sum, { originalSeconds = 0 }) => sum + originalSeconds, 0);
  return saved >= 1 ? [`saved:   ${seconds(saved)} by using cached results`] : [];
}

/** The failed stages of several runs, once more: their own lines may have scrolled away. */
function failedLines(runs: RunSummary[]): string[] {
  if (runs.length === 1) return [];
  const failed = runs.flatMap(({ run, dir, stages }) =>
    stages
      .filter(({ outcome }) => outcome === 'failed')
      .map(
        ({ name, error }) => `failed:  ${name} of ${runNames(dirname(dir)).of(run)}: ${error?.split('\n')[0] ?? ''}`,
      ),
  );
  return [...failed.slice(0, 20), ...(failed.length > 20 ? [`         and ${failed.length - 20} more`] : [])];
}

/** The run's folder; or its artifacts in the store, if the folder has been deleted in the meantime. */
function resultLines({ dir, stages }: RunSummary, which: string): string[] {
  if (!stages.some(({ artifact }) => artifact)) return [];
  if (existsSync(dir)) return [`results: ${which}${nearPath(dir)}/stages/`];
  return [
    "results: in the store (the run's folder was deleted):",
    ...stages.flatMap(({ name, artifact }) => (artifact ? [`  ${name}: ${artifact}`] : [])),
  ];
}

/** The pages that the run's stages have written, to be opened in a browser. */
function pageLines({ dir, stages }: RunSummary): string[] {
  return stages
    .map(({ name }) => join(dir, 'stages', name, CONVERSATIONS_PAGE_FILE))
    .filter((page) => existsSync(page))
    .map((page) => `page:    ${nearPath(page)}`);
}

/** The first samples of the run. */
function sampleLines(run: RunSummary, colours: Colours): string[] {
  const stage = run.stages.find(
    ({ kind, outcome }) =>
      kinds[kind]?.trackedFiles.includes(SAMPLES_FILE) && (outcome === 'ran' || outcome === 'resumed'),
  );
  const path = stage ? join(run.dir, 'stages', stage.name, SAMPLES_FILE) : '';
  if (!stage || !existsSync(path)) return [];
  const samples = readFileSync(path, 'utf8')
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line) as { prompt: string; text: string });
  const first = samples.slice(0, 3).map(({ prompt, text }) =>
    `${prompt}${text}`
      .trim()
      .split('\n')
      .slice(0, 5)
      .map((line) => `  ${line}`)
      .join('\n'),
  );
  const head = `the first ${first.length} of ${samples.length} samples (all: ${nearPath(run.dir)}/stages/${stage.name}/samples.md):`;
  return [colours.dim(head), first.join(`\n  ${colours.dim('···')}\n`)];
}
