import { calledAs } from '../../files/called-as.ts';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { suggestion } from '../../pipeline/diagnostic/nearest.ts';
import type { RunEvent, StageResult } from '../../pipeline/events.ts';
import type { Key } from '../../pipeline/plan/key.ts';
import { eventReader, runEventReader } from '../../history/follow-events.ts';
import { readPastRun } from '../../history/past-runs.ts';
import type { PastRun } from '../../history/past-runs.ts';
import { ATTEMPT_LINE } from '../../store/spec.ts';
import { keyDir, openStore, workDir } from '../../store/store.ts';
import type { Store } from '../../store/store.ts';
import { UsageError } from '../verb.ts';
import { runWord } from '../find/run-word.ts';
import { findRun } from '../find/find-run.ts';
import { runsDirectory } from '../runs-directory.ts';
import type { CurvePoint } from '../screen/curve.ts';
import { openBlock } from '../screen/live-block.ts';
import { lossCurve } from '../screen/loss-curve.ts';
import { lineWriter } from '../screen/log-lines.ts';
import type { LogLine } from '../screen/log-lines.ts';
import { readRunLine } from '../../history/read-run.ts';
import { shellWord } from '../../files/shell-word.ts';
import { coloursFor } from '../screen/style.ts';
import { widthOf } from '../screen/text-table.ts';

const POLL_MS = 200;

interface LogsArguments {
  run: string;
  /** null: all of them */
  stage: string | null;
  json: boolean;
  follow: boolean;
}

/** `runner logs RUN [STAGE] [-f]`: the events of the stages, in order, and the output of their processes. */
export async function printLogs({ run, stage, json, follow }: LogsArguments): Promise<number> {
  const runsDir = runsDirectory();
  const past = findRun(runsDir, run);
  const store = openStore(join(runsDir, 'store'));
  const only = stage === null ? null : stageNamed(past, stage);
  const colours = coloursFor(process.stdout);
  const names = stageNames(past);
  const block = follow && !json ? openBlock(process.stdout) : null;
  const out = lineWriter(
    { width: Math.max(0, ...names.map((name) => name.length)), colours, json, columns: widthOf(process.stdout) },
    block?.print,
  );
  const metrics = new Map<string, CurvePoint[]>();
  const curve = (): string[] => lossCurve(metrics, widthOf(process.stdout), colours);
  const show = (lines: LogLine[]): void => {
    if (lines.length === 0) return;
    for (const line of lines) {
      if (only && line.stage !== only) continue;
      out.write(line);
      if (line.event.kind === 'metric') addPoint(metrics, line.event);
    }
    out.flush();
    if (block?.live) block.draw(curve());
  };
  const source = openSource(past, store);
  show(source.read());
  process.stdout.on('error', () => process.exit(0)); // the reader closed the pipe
  if (follow) await followRun(past, () => show(source.read()));
  if (block?.live && curve().length > 0) block.print(curve().join('\n'), []);
  const results = (readPastRun(past.dir)?.record?.stages ?? []).filter(({ name, outcome }) =>
    only ? name === only : outcome === 'failed',
  );
  if (json) return 0;
  for (const result of results) printOutput(result, store, colours.dim);
  const failed = results.find(({ outcome }) => outcome === 'failed');
  console.log(
    `\nnext: ${calledAs()} ${follow || !failed ? `show ${runWord(past)}` : `logs ${runWord(past)} ${shellWord(failed.name)}`}`,
  );
  return 0;
}

// ---------------------------------------------------------------------------

function addPoint(metrics: Map<string, CurvePoint[]>, { name, ...point }: CurvePoint & { name: string }): void {
  const points = metrics.get(name);
  if (points) points.push(point);
  else metrics.set(name, [point]);
}

const stageNames = ({ record }: PastRun): string[] => (record?.planned ?? record?.stages ?? []).map(({ name }) => name);

function stageNamed(past: PastRun, named: string): string {
  const names = stageNames(past);
  if (!names.includes(named))
    throw new UsageError(`run ${past.name} has no stage "${named}"; ${suggestion(named, names, 'stages')}`);
  return named;
}

/** The run's events, and those that its cached stages reported when they ran. */
function openSource(past: PastRun, store: Store): { read(): LogLine[] } {
  const reader = runEventReader(join(past.dir, 'events.jsonl'));
  const reported = new Set<string>();
  return {
    read() {
      const lines = reader.read().flatMap(lineOf);
      for (const { stage } of lines) reported.add(stage);
      const stages = readPastRun(past.dir)?.record?.stages ?? [];
      const silent = stages.filter(
        ({ name, key, outcome }) =>
          key &&
          !reported.has(name) &&
          (outcome === 'cached' || outcome === 'ran' || outcome === 'resumed' || outcome === 'failed'),
      );
      for (const { name } of silent) reported.add(name);
      return [...silent.flatMap((result) => storedLines(result, store)), ...lines];
    },
  };
}

function lineOf(event: RunEvent): LogLine[] {
  switch (event.kind) {
    case 'stage-started':
      return [{ stage: event.stage, time: event.time, event: { kind: 'note', text: 'started', time: event.time } }];
    case 'stage-event':
      return [{ stage: event.stage, time: event.event.time, event: event.event }];
    case 'stage-finished': {
      const { result, time } = event;
      // the events of a cached stage are read from the store
      if (result.outcome === 'cached') return [];
      const text = [result.outcome, result.error ?? ''].filter(Boolean).join(': ');
      return [
        { stage: result.name, time, event: { kind: result.outcome === 'failed' ? 'warning' : 'note', text, time } },
      ];
    }
    case 'run-started':
    case 'run-finished':
      return [];
  }
}

function storedLines({ name, key, outcome }: StageResult, store: Store): LogLine[] {
  const path = [keyDir(store, key as Key), workDir(store, key as Key)]
    .map((dir) => join(dir, 'events.jsonl'))
    .find(existsSync);
  const events = path ? eventReader(path).read() : [];
  return events.map((event) => ({ stage: name, time: event.time, event, cached: outcome === 'cached' }));
}

/** Returns when the run has ended. */
async function followRun(past: PastRun, printNew: () => void): Promise<void> {
  for (;;) {
    const now = readPastRun(past.dir);
    const running = now !== null && readRunLine(now).outcome === 'running';
    printNew();
    if (!running) return;
    await sleep(POLL_MS);
  }
}

/** Prints the output of the stage's process, if there is any. */
function printOutput({ name, key, log }: StageResult, store: Store, dim: (text: string) => string): void {
  const candidates = [
    log,
    ...(key ? [join(keyDir(store, key as Key), 'log.txt'), join(workDir(store, key as Key), 'log.txt')] : []),
  ];
  const path = candidates.find((file): file is string => file !== undefined && existsSync(file));
  const text = path ? readFileSync(path, 'utf8').trimEnd() : '';
  const hasOutput = text.split('\n').some((line) => line !== '' && !line.startsWith(ATTEMPT_LINE));
  if (hasOutput) console.log(`${dim(`--- output of the process of ${name} (${path})`)}\n${text}`);
}
