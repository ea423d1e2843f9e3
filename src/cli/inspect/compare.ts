import { calledAs, shippedFile } from '../../files/called-as.ts';
import { basename, resolve } from 'node:path';
import { counted } from '../../numbers/counted.ts';
import { comparePage, isComparePage } from '../../pages/compare-page.ts';
import type { Comparison } from '../../pages/comparison.ts';
import { listPastRuns } from '../../history/past-runs.ts';
import type { PastRun } from '../../history/past-runs.ts';
import { UsageError } from '../verb.ts';
import { metricMeant, shownMetric } from '../../history/metric-names.ts';
import { compareRuns } from '../../history/comparison.ts';
import type { RunFacts } from '../../history/comparison.ts';
import { chosenParams, paramText } from './chosen-params.ts';
import { originsOf } from './origins.ts';
import { seconds } from '../screen/durations.ts';
import { runWord } from '../find/run-word.ts';
import { findRuns } from '../find/find-run.ts';
import { readRun } from '../../history/read-run.ts';
import type { RunData } from '../../history/read-run.ts';
import { suggestion } from '../../pipeline/diagnostic/nearest.ts';
import { pageScript, writePage } from './write-page.ts';
import { runsDirectory } from '../runs-directory.ts';
import { shellWord } from '../../files/shell-word.ts';
import { figure, nearPath, short } from '../screen/shown-values.ts';
import { coloursFor } from '../screen/style.ts';
import { clippedMiddle, textTable, wrapped, widthOf } from '../screen/text-table.ts';
import { jsonText } from '../screen/printable.ts';

/** Params are columns of at least ten cells, and the name of the run has to stay. */
const paramsShown = (width: number): number => (width < 80 ? 2 : width < 120 ? 4 : 6);

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
  const past = runs.length ? findRuns(runsDir, runs) : newest(runsDir);
  const stories = past.map(readRun);
  if (stories.length === 0)
    throw new UsageError(
      `there are no runs to compare yet: ${calledAs()} run ${shippedFile('pipelines/quickstart.yaml')}`,
    );
  const facts = new Map(past.map((one) => [one.run, factsOf(one)]));
  const comparison = compareRuns(stories, metric === null ? null : metricNamed(stories, metric), facts);
  if (html !== null)
    writePage(resolve(html), {
      verb: 'compare',
      isOurs: isComparePage,
      html: comparePage(comparison, pageScript('compare')),
    });
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
      ? `\nnext: ${calledAs()} compare ${named} --html compare.html`
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

function factsOf(past: PastRun): RunFacts {
  const sources = [...originsOf(past).values()].flatMap((origin) => origin.sources);
  return {
    chosen: Object.fromEntries(chosenParams(past).map(({ path, value }) => [path, paramText(value)])),
    data: sources.map(({ named, digest }) => `${named === null ? 'a source' : basename(named)} · ${short(digest)}`),
  };
}

function metricNamed(stories: RunData[], metric: string): string {
  const known = [...new Set(stories.flatMap(({ metrics }) => [...metrics.keys()]))];
  const meant = metricMeant(metric, known);
  if (meant === undefined)
    throw new UsageError(`none of these runs has a metric "${metric}"; ${suggestion(metric, known, 'metrics')}`);
  return meant;
}

function tableOf({ title, metric, equalTokens, differing, runs }: Comparison): string[] {
  const colours = coloursFor(process.stdout);
  const width = widthOf(process.stdout);
  const shown = differing.slice(0, paramsShown(width));
  const value = (number: number | null | undefined): string =>
    number === null || number === undefined ? '–' : figure(number);
  const columns = [
    ...shown.map(({ name }) => ({ head: name, shrinks: 1, cut: clippedMiddle })),
    { head: 'best', right: true },
    { head: 'at step', right: true, shrinks: 4, goes: true },
    { head: 'last', right: true },
    ...(equalTokens === null
      ? []
      : [{ head: `at ${figure(Math.round(equalTokens))} tokens`, right: true, shrinks: 3, goes: true }]),
    { head: 'tokens', right: true, shrinks: 2, goes: true },
    { head: 'took', right: true, shrinks: 5, goes: true },
    { head: 'outcome', shrinks: 6, goes: true },
    { head: 'run', shrinks: 7, least: 10, cut: clippedMiddle },
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
  const by = `${metric === null ? 'no metrics' : shownMetric(metric)}, best first`;
  const head = `${colours.bold(clippedMiddle(title, width - by.length - 2))}  ${by}`;
  return [
    head,
    ...textTable(columns, rows, {
      width,
      paint: (line, row) => (row === null ? colours.dim(line) : line),
    }),
    ...(more > 0
      ? wrapped(
          `… and ${counted(more, 'more param differs', 'more params differ')}; --json and the page list them all`,
          width,
        ).map(colours.dim)
      : []),
  ];
}
