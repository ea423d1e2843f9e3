import { lstatSync, readFileSync, readdirSync, readlinkSync, statSync } from 'node:fs';
import type { Dirent } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import type { Digest } from '../pipeline/plan/key.ts';
import { readJson } from '../files/read-file.ts';
import { listRunFolders, runNames } from './run-names.ts';
import type { RunRecord } from './record.ts';

/**
 * The folder of a run in `runs/`, whether or not the run has finished. Listing never throws, even if a folder
 * disappears.
 */
export interface PastRun {
  /** the folder's name */
  run: string;
  /** what people call it: `comedy-9863`; unique among the runs of its folder */
  name: string;
  dir: string;
  /** null if `run.json` is missing or damaged */
  record: RunRecord | null;
  /** what is wrong with the folder; null if nothing is */
  trouble: string | null;
  /** from the record, or the folder's name, or its modification time */
  startedMs: number;
}

/** All runs, newest first, without the link `latest`, the store and the folder of MLflow. */
export function listPastRuns(runsDir: string): PastRun[] {
  const names = runNames(runsDir);
  return listRunFolders(runsDir)
    .flatMap((run) => readPastRun(join(runsDir, run), names) ?? [])
    .sort(newestFirst);
}

/** Finds a run by `latest`, by its name, or by a unique part of its folder's name; else returns all matching runs. */
export function findPastRun(runsDir: string, named: string): PastRun | PastRun[] {
  const name = named === 'latest' ? linkTarget(join(runsDir, 'latest')) : basename(named);
  if (named === 'latest' && name === null) return listPastRuns(runsDir)[0] ?? [];
  if (name === null || name === '') return [];
  const names = runNames(runsDir);
  const matching = names.matching(name).flatMap((run) => readPastRun(join(runsDir, run), names) ?? []);
  return matching.length === 1 ? matching[0]! : matching.sort(newestFirst);
}

/** Reads the folder of one run; null if it is not a run's folder. `names`: those of the folder that it is in. */
export function readPastRun(dir: string, names = runNames(dirname(dir))): PastRun | null {
  const run = basename(dir);
  const files = new Set(entriesIn(dir).map(({ name }) => name));
  const stamp = stampOf(run);
  if (stamp === null && !(files.has('run.json') || (files.has('journal.jsonl') && files.has('pipeline.yaml'))))
    return null;
  const record = readRecord(join(dir, 'run.json'));
  const trouble = troubleWith(record, files);
  const started = record ? Date.parse(record.started) : NaN;
  const startedMs = Number.isFinite(started) ? started : (stamp ?? changedMs(dir));
  return { run, name: names.of(run), dir, record, trouble, startedMs };
}

/** The pipeline as it ran, with all defaults written out; null if the file is missing. */
export function frozenYaml({ dir }: PastRun): string | null {
  try {
    return readFileSync(join(dir, 'pipeline.yaml'), 'utf8');
  } catch {
    return null;
  }
}

export const journalPathOf = ({ dir }: PastRun): string => join(dir, 'journal.jsonl');

/** Stage → artifact, from the links in the folder and from the record. `gc` keeps these artifacts for the run. */
export function artifactsOf({ dir, record }: PastRun): Map<string, Digest> {
  const recorded = (record?.stages ?? []).flatMap(({ name, artifact }) =>
    artifact ? [[name, artifact as Digest] as const] : [],
  );
  const linked = entriesIn(join(dir, 'stages')).flatMap(({ name }): [string, Digest][] => {
    const target = linkTarget(join(dir, 'stages', name));
    return target !== null && /^[0-9a-f]{64}$/.test(target) ? [[name, target as Digest]] : [];
  });
  return new Map([...linked, ...recorded]);
}

// ---------------------------------------------------------------------------

const newestFirst = (a: PastRun, b: PastRun): number => b.startedMs - a.startedMs || (a.run < b.run ? 1 : -1);

function readRecord(path: string): RunRecord | null {
  const record = readJson<Partial<RunRecord>>(path);
  const isValid =
    record?.record === 'run/1' &&
    typeof record.pipeline === 'string' &&
    typeof record.started === 'string' &&
    Array.isArray(record.stages);
  return isValid ? (record as RunRecord) : null;
}

function troubleWith(record: RunRecord | null, files: Set<string>): string | null {
  if (!record)
    return files.has('run.json')
      ? 'run.json is damaged'
      : 'run.json is missing: the run died as it started, or its files were deleted';
  return files.has('pipeline.yaml') ? null : 'pipeline.yaml is missing';
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
