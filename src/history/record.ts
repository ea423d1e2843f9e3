import { appendFileSync, mkdirSync, writeFileSync } from 'node:fs';
import { randomBytes, randomUUID } from 'node:crypto';
import { join, relative } from 'node:path';
import type { Listener, RunEvent, StageResult } from '../pipeline/events.ts';
import { toJsonNumber } from '../numbers/json-number.ts';
import { markOf } from '../process/process-mark.ts';
import type { ProcessMark } from '../process/process-mark.ts';
import { pointLink } from '../files/point-link.ts';
import { replaceFile, replaceFileDurably } from '../files/replace-file.ts';

/** `runs/<run>/run.json`: what became of each stage. */
export interface RunRecord {
  record: 'run/1';
  run: string;
  runUid: string;
  pipeline: string;
  started: string;
  finished: string | null;
  /** null while it goes on */
  ok: boolean | null;
  sweep: { id: string; index: number; values: Record<string, unknown> } | null;
  /**
   * the process that runs it: a record without an end whose runner is dead is of a run that was killed. Absent in old
   * records
   */
  runner?: ProcessMark;
  /** all of its stages, in the file's order; absent in old records */
  planned?: { name: string; kind: string }[];
  /** those that have ended, in the order in which they did */
  stages: StageResult[];
}

export interface RunFolder {
  run: string;
  runUid: string;
  dir: string;
}

/** Makes `runs/<date>-<name>-<four letters>` with the resolved YAML in it, and points `runs/latest` to it. */
export function makeRunFolder(runsDir: string, pipeline: string, resolvedYaml: string): RunFolder {
  const stamp = new Date().toISOString().replace(/[-:]/g, '').replace('T', '-').slice(0, 15);
  const slug = pipeline
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, '-')
    .replace(/^-|-$/g, '');
  mkdirSync(runsDir, { recursive: true });
  for (;;) {
    const run = `${stamp}-${slug}-${randomBytes(2).toString('hex')}`;
    const dir = join(runsDir, run);
    if (!madeNew(dir)) continue;
    mkdirSync(join(dir, 'stages'));
    writeFileSync(join(dir, 'pipeline.yaml'), resolvedYaml);
    pointLink(join(runsDir, 'latest'), run);
    return { run, runUid: randomUUID(), dir };
  }
}

/** Listens, and keeps `run.json` and the links `stages/<name>` → artifact up to date. */
export function recordListener(): Listener {
  let record: RunRecord | null = null;
  let dir = '';
  let writtenMs = 0;
  // Waiting for the disk, and for all that it has to write, takes longer than fifty cached stages: only what was computed is worth that.
  const write = (): void => {
    const computed = record?.stages.some(({ outcome }) => outcome !== 'cached');
    (computed ? replaceFileDurably : replaceFile)(join(dir, 'run.json'), `${JSON.stringify(record, null, 2)}\n`);
    writtenMs = performance.now();
  };
  return (event) => {
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
        sweep: sweep && { id: sweep.id, index: sweep.index, values: sweep.values },
        runner: markOf(process.pid),
        planned: stages,
        stages: [],
      };
      return write();
    }
    if (!record) return;
    if (event.kind === 'stage-finished') {
      record.stages.push(event.result);
      if (event.dir) pointLink(join(dir, 'stages', event.result.name), relative(join(dir, 'stages'), event.dir));
      // A row of cached stages ends within milliseconds: the record need not be made durable after each.
      if (event.result.outcome !== 'cached' || performance.now() - writtenMs > 500) write();
    }
    if (event.kind !== 'run-finished') return;
    const places = new Map(record.planned?.map(({ name }, place) => [name, place]));
    record.stages.sort((a, b) => (places.get(a.name) ?? 0) - (places.get(b.name) ?? 0));
    record = { ...record, finished: iso(event.time), ok: event.ok };
    write();
  };
}

/** So often is progress worth a line in a file that may be written to for days. */
const PROGRESS_EVERY_MS = 2000;

/**
 * `runs/<run>/events.jsonl`: the run's events, one a line, so that another process can look on. What a cached stage
 * tells again is left out: it stands beside its key.
 */
export function eventsListener(): Listener {
  let path = '';
  const progressMs = new Map<string, number>();
  const isWorthALine = (event: RunEvent): boolean => {
    if (event.kind !== 'stage-event' || event.event.kind !== 'progress')
      return event.kind !== 'stage-event' || !event.replayed;
    const now = performance.now();
    if (now - (progressMs.get(event.stage) ?? -Infinity) < PROGRESS_EVERY_MS) return false;
    progressMs.set(event.stage, now);
    return true;
  };
  return (event) => {
    if (event.kind === 'run-started') path = join(event.dir, 'events.jsonl');
    if (path && isWorthALine(event)) appendFileSync(path, `${JSON.stringify(withJsonNumber(event))}\n`);
  };
}

// ---------------------------------------------------------------------------

const iso = (time: number): string => new Date(time).toISOString();

function madeNew(dir: string): boolean {
  try {
    mkdirSync(dir);
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false;
    throw error;
  }
}

/** The event as JSON can hold it. */
function withJsonNumber(event: RunEvent): unknown {
  if (event.kind !== 'stage-event' || event.event.kind !== 'metric') return event;
  return { ...event, event: { ...event.event, value: toJsonNumber(event.event.value) } };
}
