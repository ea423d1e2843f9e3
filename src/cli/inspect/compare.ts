import { existsSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { counted } from '../../numbers/counted.ts';
import { comparePage, isComparePage } from '../../pages/compare-page.ts';
import type { Comparison } from '../../pages/comparison.ts';
import { projectRoot } from '../../files/project-root.ts';
import { listPastRuns } from '../../history/past-runs.ts';
import type { PastRun } from '../../history/past-runs.ts';
import { UsageError } from '../verb.ts';
import { compareRuns } from '../../history/comparison.ts';
import { seconds } from '../screen/durations.ts';
import { runWord } from '../find/run-word.ts';
import { findRuns } from '../find/find-run.ts';
import { readRun } from '../../history/read-run.ts';
import type { RunData } from '../../history/read-run.ts';
import { suggestion } from '../../pipeline/diagnostic/nearest.ts';
import { runsDirectory } from '../runs-directory.ts';
import { shellWord } from '../screen/shell-word.ts';
import { figure, nearPath } from '../screen/shown-values.ts';
import { coloursFor } from '../screen/style.ts';
import { textTable, widthOf } from '../screen/text-table.ts';
import { jsonText } from '../screen/printable.ts';

const PARAMS_SHOWN = 6;

interface CompareArguments {
  runs: string[];
  json: boolean;
  /** a file to write the page to */
  html: string | null;
  metric: string | null;
}

/** `runner compare RUN…`: a table, and with `--html` a page of curves that opens without a server. */
export function printComparison({ runs, json, html, metric }: CompareArguments): number {
  const runsDir = runsDirectory();
  const stories = (runs.length ? findRuns(runsDir, runs) : newest(runsDir)).map(readRun);
  if (stories.length === 0)
    throw new UsageError('there are no runs to compare yet: ./runner run pipelines/quickstart.yaml');
  if (metric !== null) checkMetric(stories, metric);
  const comparison = compareRuns(stories, metric);
  if (html !== null) writePage(resolve(html), comparison);
  if (json) {
    console.log(
      jsonText(
        { ...comparison, runs: comparison.runs.map(({ curves: _, clock: __, samples: ___, ...run }) => run) },
        2,
      ),
    );
    return 0;
  }
  console.log(tableOf(comparison).join('\n'));
  const named = (runs.length ? runs.map(shellWord) : stories.map(runWord)).join(' ');
  console.log(
    html === null
      ? `\nnext: ./runner compare ${named} --html compare.html`
      : `\npage: ${nearPath(resolve(html))} (open it in a browser; it needs no network)`,
  );
  return 0;
}

// ---------------------------------------------------------------------------

/** The runs of the newest sweep if the newest run belongs to it, else the five newest. */
function newest(runsDir: string): PastRun[] {
  const all = listPastRuns(runsDir);
  const sweep = all[0]?.record?.sweep?.id;
  return sweep === undefined ? all.slice(0, 5) : findRuns(runsDir, [sweep]);
}

/** Replaces an older page of this command and an empty file, but no other file: that was named by mistake. */
function writePage(path: string, comparison: Comparison): void {
  const script = readFileSync(join(projectRoot(), 'dist', 'pages', 'compare.js'), 'utf8');
  let isInTheWay: boolean;
  try {
    isInTheWay = existsSync(path) && !isReplaceable(path);
    if (!isInTheWay) writeFileSync(path, comparePage(comparison, script));
  } catch (error) {
    throw new UsageError(`cannot write ${nearPath(path)}: ${(error as Error).message}`);
  }
  if (isInTheWay)
    throw new UsageError(
      `${nearPath(path)} exists and is not a page of \`compare\`; remove it, or name another file: --html compare.html`,
    );
}

const isReplaceable = (path: string): boolean =>
  statSync(path).isFile() && (statSync(path).size === 0 || isComparePage(readFileSync(path, 'utf8')));

function checkMetric(stories: RunData[], metric: string): void {
  const known = [...new Set(stories.flatMap(({ metrics }) => [...metrics.keys()]))];
  if (!known.includes(metric))
    throw new UsageError(`none of these runs has a metric "${metric}"; ${suggestion(metric, known, 'metrics')}`);
}

function tableOf({ title, metric, equalTokens, differing, runs }: Comparison): string[] {
  const colours = coloursFor(process.stdout);
  const shown = differing.slice(0, PARAMS_SHOWN);
  const value = (number: number | null | undefined): string =>
    number === null || number === undefined ? '–' : figure(number);
  const columns = [
    ...shown.map(({ name }) => ({ head: name, shrinks: true })),
    { head: 'best', right: true },
    { head: 'at step', right: true },
    { head: 'last', right: true },
    ...(equalTokens === null ? [] : [{ head: `at ${figure(Math.round(equalTokens))} tokens`, right: true }]),
    { head: 'tokens', right: true },
    { head: 'took', right: true },
    { head: 'outcome' },
    { head: 'run', shrinks: true },
  ];
  const rows = runs.map((run) => [
    ...shown.map(({ path }) => run.params[path] ?? '–'),
    value(run.best?.value),
    value(run.best?.step),
    value(run.last?.value),
    ...(equalTokens === null ? [] : [value(run.atEqualTokens)]),
    value(run.tokens === null ? null : Math.round(run.tokens)),
    run.seconds === null ? '–' : seconds(run.seconds),
    run.outcome,
    run.name,
  ]);
  const more = differing.length - shown.length;
  const head = `${colours.bold(title)}  ${metric ?? 'no metrics'}, best first`;
  return [
    head,
    ...textTable(columns, rows, {
      width: widthOf(process.stdout),
      paint: (line, row) => (row === null ? colours.dim(line) : line),
    }),
    ...(more > 0
      ? [
          colours.dim(
            `… and ${counted(more, 'more param differs', 'more params differ')}; --json and the page list them all`,
          ),
        ]
      : []),
  ];
}
