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
import { findRun } from '../find/find-run.ts';
import { runsDirectory } from '../runs-directory.ts';
import { lineWriter } from '../screen/log-lines.ts';
import type { LogLine } from '../screen/log-lines.ts';
import { readRunLine } from '../../history/read-run.ts';
import { coloursFor } from '../screen/style.ts';
import { widthOf } from '../screen/text-table.ts';

const LOOK_EVERY_MS = 200;

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
  const out = lineWriter({
    width: Math.max(0, ...names.map((name) => name.length)),
    colours,
    json,
    columns: widthOf(process.stdout),
  });
  const show = (lines: LogLine[]): void => {
    for (const line of lines) if (!only || line.stage === only) out.write(line);
    out.flush();
  };
  const source = openSource(past, store);
  show(source.read());
  process.stdout.on('error', () => process.exit(0)); // nobody reads any more
  if (follow) await followRun(past, () => show(source.read()));
  const results = (readPastRun(past.dir)?.record?.stages ?? []).filter(({ name, outcome }) =>
    only ? name === only : outcome === 'failed',
  );
  if (json) return 0;
  for (const result of results) printed(result, store, colours.dim);
  const failed = results.find(({ outcome }) => outcome === 'failed');
  console.log(`\nnext: ./runner ${follow || !failed ? `show ${past.run}` : `logs ${past.run} ${failed.name}`}`);
  return 0;
}

// ---------------------------------------------------------------------------

const stageNames = ({ record }: PastRun): string[] => (record?.planned ?? record?.stages ?? []).map(({ name }) => name);

function stageNamed(past: PastRun, named: string): string {
  const names = stageNames(past);
  if (!names.includes(named))
    throw new UsageError(`run ${past.run} has no stage "${named}"; ${suggestion(named, names, 'stages')}`);
  return named;
}

/** The run's own stream of events, and beside it what its cached stages told when they ran. */
function openSource(past: PastRun, store: Store): { read(): LogLine[] } {
  const reader = runEventReader(join(past.dir, 'events.jsonl'));
  const told = new Set<string>();
  return {
    read() {
      const lines = reader.read().flatMap(lineOf);
      for (const { stage } of lines) told.add(stage);
      const stages = readPastRun(past.dir)?.record?.stages ?? [];
      const silent = stages.filter(
        ({ name, key, outcome }) =>
          key &&
          !told.has(name) &&
          (outcome === 'cached' || outcome === 'ran' || outcome === 'resumed' || outcome === 'failed'),
      );
      for (const { name } of silent) told.add(name);
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
      // a cached stage's own story is read from beside its key
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

/** Until the run has ended, or Ctrl-C. */
async function followRun(past: PastRun, look: () => void): Promise<void> {
  for (;;) {
    const now = readPastRun(past.dir);
    const running = now !== null && readRunLine(now).outcome === 'running';
    look();
    if (!running) return;
    await sleep(LOOK_EVERY_MS);
  }
}

/** What the stage's process printed, if it printed anything. */
function printed({ name, key, log }: StageResult, store: Store, dim: (text: string) => string): void {
  const places = [
    log,
    ...(key ? [join(keyDir(store, key as Key), 'log.txt'), join(workDir(store, key as Key), 'log.txt')] : []),
  ];
  const path = places.find((each): each is string => each !== undefined && existsSync(each));
  const text = path ? readFileSync(path, 'utf8').trimEnd() : '';
  const said = text.split('\n').some((line) => line !== '' && !line.startsWith(ATTEMPT_LINE));
  if (said) console.log(`${dim(`--- what the process of ${name} printed (${path})`)}\n${text}`);
}
