import { calledAs, shippedFile } from '../../files/called-as.ts';
import { tagOf } from '../../tracking/labels/labels.ts';
import { listRunLines } from '../../history/run-index.ts';
import type { RunLine } from '../../history/run-index.ts';
import { counted } from '../../numbers/counted.ts';
import { suggestion } from '../../pipeline/diagnostic/nearest.ts';
import { runWord } from '../find/run-word.ts';
import { openedProject } from '../project/settings.ts';
import { runsDirectory } from '../runs-directory.ts';
import { seconds } from '../screen/durations.ts';
import { outcomePaint } from '../screen/outcome-paint.ts';
import { jsonText } from '../screen/printable.ts';
import { figure, when } from '../screen/shown-values.ts';
import { coloursFor } from '../screen/style.ts';
import { clippedMiddle, textTable, widthOf } from '../screen/text-table.ts';
import { UsageError } from '../verb.ts';

interface LsArguments {
  pipeline: string | null;
  /** `name` or `name=value` */
  tag: string | null;
  failed: boolean;
  limit: number | null;
  all: boolean;
  json: boolean;
}

/** `runner ls`: the runs, newest first. */
export function listRuns(filter: LsArguments): number {
  const every = listRunLines(runsDirectory());
  if (filter.pipeline !== null) checkPipeline(every, filter.pipeline);
  const chosen = every.filter((run) => isChosen(run, filter));
  const telling = filter.all || filter.json ? chosen : chosen.filter(({ isNoop }) => !isNoop);
  const runs = telling.slice(0, filter.limit ?? Infinity);
  if (filter.json) {
    console.log(jsonText({ runs: runs.map(runJson) }, 2));
    return 0;
  }
  if (every.length === 0) {
    const file = openedProject()?.settings.pipeline === undefined ? ` ${shippedFile('pipelines/quickstart.yaml')}` : '';
    console.log(`no runs yet\nnext: ${calledAs()} run${file}`);
    return 0;
  }
  if (runs.length > 0) console.log(tableOf(runs).join('\n'));
  else console.log('no such runs');
  for (const line of omissionLines({ older: telling.length - runs.length, idle: chosen.length - telling.length }))
    console.log(line);
  if (runs[0]) console.log(`\nnext: ${calledAs()} show ${runWord(runs[0])}`);
  return 0;
}

// ---------------------------------------------------------------------------

function checkPipeline(runs: RunLine[], pipeline: string): void {
  const known = [...new Set(runs.map((run) => run.pipeline))];
  if (!known.includes(pipeline))
    throw new UsageError(`no run of a pipeline "${pipeline}"; ${suggestion(pipeline, known, 'pipelines')}`);
}

function isChosen(run: RunLine, { pipeline, tag, failed }: LsArguments): boolean {
  if (pipeline !== null && run.pipeline !== pipeline) return false;
  if (failed && run.outcome !== 'failed' && run.outcome !== 'died') return false;
  if (tag === null) return true;
  const [name, value] = tagOf(tag);
  const has = run.labels.tags[name];
  return has !== undefined && (!tag.includes('=') || has === value);
}

const runJson = ({ startedMs, trainings: _, labels, continues, ...run }: RunLine): object => ({
  ...run,
  started: new Date(startedMs).toISOString(),
  continues: continues?.run ?? null,
  ...labels,
});

function tableOf(runs: RunLine[]): string[] {
  const colours = coloursFor(process.stdout);
  const paint = outcomePaint(colours);
  const columns = [
    { head: 'run', shrinks: 2, least: 12, cut: clippedMiddle },
    { head: 'pipeline', shrinks: 1, goes: true, cut: clippedMiddle },
    { head: 'when', shrinks: 4, goes: true },
    { head: 'took', right: true, shrinks: 3, goes: true },
    { head: 'outcome' },
    { head: 'loss', right: true },
  ];
  const rows = runs.map((run) => [
    run.name,
    run.continues ? `↳ ${run.continues.name}` : run.sweep ? `${run.pipeline} · ${run.title}` : run.pipeline,
    when(run.startedMs),
    run.seconds === null ? '' : seconds(run.seconds),
    run.outcome,
    run.loss === null ? '' : figure(run.loss),
  ]);
  return textTable(columns, rows, {
    width: widthOf(process.stdout),
    paint: (line, row) =>
      row === null ? colours.dim(line) : line.replace(rows[row]![4]!, (word) => paint[runs[row]!.outcome](word)),
  });
}

function omissionLines({ older, idle }: { older: number; idle: number }): string[] {
  return [
    ...(older > 0 ? [`… and ${counted(older, 'older run')}`] : []),
    ...(idle > 0 ? [`${counted(idle, 'run')} computed nothing, as all was cached; --all shows them`] : []),
  ];
}
