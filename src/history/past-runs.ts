import { lstatSync, readFileSync, readdirSync, readlinkSync, statSync } from 'node:fs';
import type { Dirent } from 'node:fs';
import { basename, join } from 'node:path';
import type { Digest } from '../pipeline/plan/key.ts';
import { readJson } from '../files/read-file.ts';
import type { RunRecord } from './record.ts';

/**
 * A folder below `runs/` that a run left, whatever became of it. Listing never throws: a folder may vanish while it is
 * read.
 */
export interface PastRun {
  /** the folder's name */
  run: string;
  dir: string;
  /** null if `run.json` is missing or half-written */
  record: RunRecord | null;
  /** what is wrong with the folder, in words; null if nothing is */
  trouble: string | null;
  /** by the record, else by the folder's name, else by the file system */
  startedMs: number;
}

/** Every run, newest first. A link (`latest`) is not a run, nor are the store and the tracker's folder. */
export function listPastRuns(runsDir: string): PastRun[] {
  return entriesIn(runsDir)
    .filter((entry) => entry.isDirectory())
    .flatMap(({ name }) => readPastRun(join(runsDir, name)) ?? [])
    .sort((a, b) => b.startedMs - a.startedMs || (a.run < b.run ? 1 : -1));
}

/**
 * A run by its folder's name, by `latest`, or by any part of the name that no other has; else every run that could be
 * meant.
 */
export function findPastRun(runsDir: string, named: string): PastRun | PastRun[] {
  const name = named === 'latest' ? linkTarget(join(runsDir, 'latest')) : basename(named);
  const runs = listPastRuns(runsDir);
  if (named === 'latest' && name === null) return runs[0] ?? [];
  const exact = runs.find(({ run }) => run === name);
  if (exact || name === null || name === '') return exact ?? [];
  const alike = runs.filter(({ run }) => run.includes(name));
  return alike.length === 1 ? alike[0]! : alike;
}

/** One run's folder; null if it is none. */
export function readPastRun(dir: string): PastRun | null {
  const run = basename(dir);
  const parts = new Set(entriesIn(dir).map(({ name }) => name));
  const stamp = stampOf(run);
  if (stamp === null && !(parts.has('run.json') || (parts.has('journal.jsonl') && parts.has('pipeline.yaml'))))
    return null;
  const record = readRecord(join(dir, 'run.json'));
  const trouble = troubleWith(record, parts);
  const begun = record ? Date.parse(record.started) : NaN;
  return { run, dir, record, trouble, startedMs: Number.isFinite(begun) ? begun : (stamp ?? changedMs(dir)) };
}

/** The pipeline as it ran, every default written out; null if it is gone. */
export function frozenYaml({ dir }: PastRun): string | null {
  try {
    return readFileSync(join(dir, 'pipeline.yaml'), 'utf8');
  } catch {
    return null;
  }
}

export const journalPathOf = ({ dir }: PastRun): string => join(dir, 'journal.jsonl');

/** Stage → artifact, by the links in the folder and by the record: what this run stands for in the store. */
export function artifactsOf({ dir, record }: PastRun): Map<string, Digest> {
  const named = (record?.stages ?? []).flatMap(({ name, artifact }) =>
    artifact ? [[name, artifact as Digest] as const] : [],
  );
  const linked = entriesIn(join(dir, 'stages')).flatMap(({ name }): [string, Digest][] => {
    const target = linkTarget(join(dir, 'stages', name));
    return target !== null && /^[0-9a-f]{64}$/.test(target) ? [[name, target as Digest]] : [];
  });
  return new Map([...linked, ...named]);
}

// ---------------------------------------------------------------------------

function readRecord(path: string): RunRecord | null {
  const record = readJson<Partial<RunRecord>>(path);
  const whole =
    record?.record === 'run/1' &&
    typeof record.pipeline === 'string' &&
    typeof record.started === 'string' &&
    Array.isArray(record.stages);
  return whole ? (record as RunRecord) : null;
}

function troubleWith(record: RunRecord | null, parts: Set<string>): string | null {
  if (!record)
    return parts.has('run.json')
      ? 'run.json is damaged'
      : 'run.json is missing: the run died as it began, or its folder was cleared';
  return parts.has('pipeline.yaml') ? null : 'pipeline.yaml is missing';
}

/** `20261124-104538-name-4f2a` → milliseconds since 1970, or null. */
function stampOf(run: string): number | null {
  const [, year, month, day, hour, minute, second] = /^(\d{4})(\d\d)(\d\d)-(\d\d)(\d\d)(\d\d)-/.exec(run) ?? [];
  if (second === undefined) return null;
  const time = Date.parse(`${year}-${month}-${day}T${hour}:${minute}:${second}Z`);
  return Number.isNaN(time) ? null : time;
}

function entriesIn(dir: string): Dirent[] {
  try {
    return readdirSync(dir, { withFileTypes: true });
  } catch {
    return [];
  }
}

function linkTarget(path: string): string | null {
  try {
    return lstatSync(path).isSymbolicLink() ? basename(readlinkSync(path)) : null;
  } catch {
    return null;
  }
}

function changedMs(dir: string): number {
  return statSync(dir, { throwIfNoEntry: false })?.mtimeMs ?? 0;
}
