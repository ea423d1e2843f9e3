import { listPastRuns } from '../../history/past-runs.ts';
import { seconds } from '../screen/durations.ts';
import { runWord } from '../find/run-word.ts';
import { runsDirectory } from '../runs-directory.ts';
import { readRunLine } from '../../history/read-run.ts';
import { outcomePaint } from '../screen/outcome-paint.ts';
import { figure, when } from '../screen/shown-values.ts';
import { coloursFor } from '../screen/style.ts';
import { textTable, widthOf } from '../screen/text-table.ts';
import { jsonText } from '../screen/printable.ts';

/** `runner ls`: every run, newest first. */
export function listRuns({ json }: { json: boolean }): number {
  const runs = listPastRuns(runsDirectory()).map(readRunLine);
  if (json) {
    console.log(
      jsonText(
        {
          runs: runs.map(({ stages: _, startedMs, ...run }) => ({
            ...run,
            started: new Date(startedMs).toISOString(),
          })),
        },
        2,
      ),
    );
    return 0;
  }
  if (runs.length === 0) {
    console.log('no runs yet\nnext: ./runner run pipelines/quickstart.yaml');
    return 0;
  }
  const colours = coloursFor(process.stdout);
  const paint = outcomePaint(colours);
  const columns = [
    { head: 'run' },
    { head: 'pipeline', shrinks: true },
    { head: 'when' },
    { head: 'took', right: true },
    { head: 'outcome' },
    { head: 'loss', right: true },
  ];
  const rows = runs.map((run) => [
    run.name,
    run.sweep ? `${run.pipeline} · ${run.title}` : run.pipeline,
    when(run.startedMs),
    run.seconds === null ? '' : seconds(run.seconds),
    run.outcome,
    run.loss === null ? '' : figure(run.loss),
  ]);
  const lines = textTable(columns, rows, {
    width: widthOf(process.stdout),
    paint: (line, row) =>
      row === null ? colours.dim(line) : line.replace(rows[row]![4]!, (word) => paint[runs[row]!.outcome](word)),
  });
  console.log(lines.join('\n'));
  console.log(`\nnext: ./runner show ${runWord(runs[0]!)}`);
  return 0;
}
