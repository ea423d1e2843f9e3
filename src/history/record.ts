import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { randomBytes, randomUUID } from 'node:crypto';
import { join, relative } from 'node:path';
import type { Listener, RunEvent, StageResult } from '../pipeline/events.ts';
import { toJsonNumber } from '../numbers/json-number.ts';
import { markOf } from '../process/process-mark.ts';
import { workedTime } from './worked-time.ts';
import type { ProcessMark } from '../process/process-mark.ts';
import { appendLine } from '../files/append-line.ts';
import { pointLink } from '../files/point-link.ts';
import { replaceFile, replaceFileDurably } from '../files/replace-file.ts';

/** `runs/<run>/run.json`: a run and the results of its stages. */
export interface RunRecord {
  record: 'run/1';
  run: string;
  runUid: string;
  pipeline: string;
  started: string;
  finished: string | null;
  /** null while the run is in progress */
  ok: boolean | null;
  /** seconds in which a stage ran; null while the run is in progress, absent in old records */
  worked?: number | null;
  sweep: { id: string; index: number; values: Record<string, unknown> } | null;
  /** the runner's process; if it is dead and `finished` is null, the run was killed. Absent in old records */
  runner?: ProcessMark;
  /** all stages, in the order of the pipeline file; absent in old records */
  planned?: { name: string; kind: string }[];
  /** finished stages, in the order in which they finished; once the run has ended, in the order of the file */
  stages: StageResult[];
}

export interface RunFolder {
  run: string;
  runUid: string;
  dir: string;
}

/** Creates `runs/<date>-<name>-<four hex digits>` with the resolved YAML. Leaves nothing behind if it cannot. */
export function makeRunFolder(runsDir: string, pipeline: string, resolvedYaml: string): RunFolder {
  const stamp = new Date().toISOString().replace(/[-:]/g, '').replace('T', '-').slice(0, 15);
  const slug = pipeline
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, '-')
    .replace(/^-|-$/g, '');
  mkdirSync(runsDir, { recursive: true, mode: 0o700 });
  for (;;) {
    const run = `${stamp}-${slug}-${randomBytes(2).toString('hex')}`;
    const dir = join(runsDir, run);
    if (!createFolder(dir)) continue;
    try {
      mkdirSync(join(dir, 'stages'));
      writeFileSync(join(dir, 'pipeline.yaml'), resolvedYaml);
    } catch (error) {
      rmSync(dir, { recursive: true, force: true });
      throw error;
    }
    return { run, runUid: randomUUID(), dir };
  }
}

/** Points `runs/latest` to a run. Returns why it could not: a folder of that name, a disk without links; else null. */
export function pointLatest(runsDir: string, run: string): string | null {
  try {
    pointLink(join(runsDir, 'latest'), run);
    return null;
  } catch (error) {
    const { code = '', message } = error as NodeJS.ErrnoException;
    const why = code === 'EISDIR' ? 'a folder of that name is in its place; move it away' : message;
    return `${join(runsDir, 'latest')} does not point to this run: ${why}`;
  }
}

/** A listener that keeps `run.json` and the links `stages/<name>` → artifact up to date. */
export function recordListener(): Listener {
  let record: RunRecord | null = null;
  let dir = '';
  let writtenMs = 0;
  const worked = workedTime();
  // Syncing to disk takes longer than fifty cached stages, so it is done only once a stage was computed.
  const write = (): void => {
    const computed = record?.stages.some(({ outcome }) => outcome !== 'cached');
    (computed ? replaceFileDurably : replaceFile)(join(dir, 'run.json'), `${JSON.stringify(record, null, 2)}\n`);
    writtenMs = performance.now();
  };
  return (event) => {
    worked.note(event);
    if (event.kind === 'run-started') {
      dir = event.dir;
      const { run, runUid, pipeline, sweep, stages } = event;
      record = {
        record: 'run/1',
        run,
        runUid,
        pipeline,
        started: iso(event.time),
        finished: null,
        ok: null,
        worked: null,
        sweep: sweep && { id: sweep.id, index: sweep.index, values: sweep.values },
        runner: markOf(process.pid),
        planned: stages,
        stages: [],
      };
      return write();
    }
    if (!record) return;
    if (event.kind === 'stage-finished') {
      // the event comes again if the disk was full
      record.stages = [...record.stages.filter(({ name }) => name !== event.result.name), event.result];
      if (event.dir) pointLink(join(dir, 'stages', event.result.name), relative(join(dir, 'stages'), event.dir));
      // Many cached stages finish within milliseconds; do not write the record after each.
      if (event.result.outcome !== 'cached' || performance.now() - writtenMs > 500) write();
    }
    if (event.kind !== 'run-finished') return;
    const order = new Map(record.planned?.map(({ name }, index) => [name, index]));
    record.stages.sort((a, b) => (order.get(a.name) ?? 0) - (order.get(b.name) ?? 0));
    record = { ...record, finished: iso(event.time), ok: event.ok, worked: worked.seconds() };
    write();
  };
}

/** Progress is recorded at most this often per stage, because a run may take days. */
const PROGRESS_EVERY_MS = 2000;

/**
 * A listener that writes the run's events to `runs/<run>/events.jsonl`, one per line, so that another process can
 * follow the run. Replayed events of cached stages are left out; they are in the store.
 */
export function eventsListener(): Listener {
  let path = '';
  const progressMs = new Map<string, number>();
  const isRecorded = (event: RunEvent): boolean => {
    if (event.kind !== 'stage-event' || event.event.kind !== 'progress')
      return event.kind !== 'stage-event' || !event.replayed;
    const now = performance.now();
    if (now - (progressMs.get(event.stage) ?? -Infinity) < PROGRESS_EVERY_MS) return false;
    progressMs.set(event.stage, now);
    return true;
  };
  return (event) => {
    if (event.kind === 'run-started') path = join(event.dir, 'events.jsonl');
    if (path && isRecorded(event)) appendLine(path, JSON.stringify(withJsonNumber(event)));
  };
}

// ---------------------------------------------------------------------------

const iso = (time: number): string => new Date(time).toISOString();

/** False if the folder exists. */
function createFolder(dir: string): boolean {
  try {
    mkdirSync(dir);
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false;
    throw error;
  }
}

/** The event with NaN and infinities as strings. */
function withJsonNumber(event: RunEvent): unknown {
  if (event.kind !== 'stage-event' || event.event.kind !== 'metric') return event;
  return { ...event, event: { ...event.event, value: toJsonNumber(event.event.value) } };
}
