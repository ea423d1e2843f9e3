import { readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import type { Digest, Key } from '../pipeline/plan/key.ts';
import type { Kinds } from '../pipeline/stage-kind.ts';
import type { StageResult } from '../pipeline/events.ts';
import { holdersOf } from '../process/lock.ts';
import { mayBeAlive } from '../process/process-mark.ts';
import { readJson } from '../files/read-file.ts';
import { listCachedParts } from '../store/cached-parts.ts';
import type { CachedPart } from '../store/cached-parts.ts';
import { filesInside } from './files-inside.ts';
import { artifactsOf, listPastRuns } from '../history/past-runs.ts';
import type { PastRun } from '../history/past-runs.ts';
import type { StageSpec } from '../store/spec.ts';
import { eventsAt } from '../history/stage-metrics.ts';
import { artifactDir, hasWork, keyDir, lockDir, partsDir, readEntry, workDir } from '../store/store.ts';
import type { Store } from '../store/store.ts';

/** What is in a store and what refers to it, as plain data; the input of `planGc`. */
export interface Inventory {
  runs: RunItem[];
  entries: EntryItem[];
  artifacts: ArtifactItem[];
  works: WorkItem[];
  /** most recently used first */
  parts: CachedPart[];
  /** keys that running processes are working on */
  activeKeys: ReadonlySet<Key>;
  /** artifacts that running processes read */
  activeArtifacts: ReadonlySet<Digest>;
}

export interface RunItem {
  run: string;
  pipeline: string;
  startedMs: number;
  isRunning: boolean;
  /** lowest validation loss; null if none was measured */
  loss: number | null;
  keys: Key[];
  artifacts: Digest[];
}

export interface EntryItem {
  key: Key;
  artifact: Digest;
  madeMs: number;
}

export interface ArtifactItem {
  digest: Digest;
  changedMs: number;
  /** `inode` identifies the file: it is the same for two names of one file; `names` counts all names of the file */
  files: { inode: string; bytes: number; names: number }[];
}

/** An unfinished attempt. */
export interface WorkItem {
  key: Key;
  stage: string;
  kind: string;
  bytes: number;
  changedMs: number;
  /** has files to resume from: a checkpoint */
  canGoOn: boolean;
  inputs: Digest[];
}

/** `kinds` determine which metric is a run's loss. Pass `{}` to skip reading losses. */
export function takeInventory(store: Store, runsDir: string, kinds: Kinds): Inventory {
  const losses = new Map<Key, number | null>();
  const works = foldersIn(store, 'work').map((name) => readWork(store, name as Key));
  const activeKeys = new Set(
    (foldersIn(store, 'locks') as Key[]).filter((key) => holdersOf(lockDir(store, key)).length > 0),
  );
  return {
    runs: listPastRuns(runsDir).map((run) => readRun(run, { store, kinds, losses })),
    entries: (foldersIn(store, 'keys') as Key[]).flatMap((key) => {
      const entry = readEntry(store, key);
      return entry
        ? [{ key, artifact: entry.artifact, madeMs: changedMs(join(keyDir(store, key), 'entry.json')) }]
        : [];
    }),
    artifacts: (foldersIn(store, 'artifacts') as Digest[]).map((digest) => readArtifact(store, digest)),
    works,
    parts: listCachedParts(partsDir(store)),
    activeKeys,
    activeArtifacts: new Set(works.filter(({ key }) => activeKeys.has(key)).flatMap(({ inputs }) => inputs)),
  };
}

/** Size of the store on the disk; a file with two names counts once. */
export function storeBytes({ artifacts, works, parts }: Pick<Inventory, 'artifacts' | 'works' | 'parts'>): number {
  const sizes = new Map(artifacts.flatMap(({ files }) => files.map(({ inode, bytes }) => [inode, bytes] as const)));
  return sum([...sizes.values()]) + sum(works.map(({ bytes }) => bytes)) + partsBytes({ parts });
}

export const partsBytes = ({ parts }: Pick<Inventory, 'parts'>): number => sum(parts.map(({ bytes }) => bytes));

// ---------------------------------------------------------------------------

interface Losses {
  store: Store;
  kinds: Kinds;
  losses: Map<Key, number | null>;
}

/** Whether the run has not ended and its runner may be alive. */
export const isRunning = ({ record }: PastRun): boolean =>
  record !== null && record.finished === null && record.runner !== undefined && mayBeAlive(record.runner);

function readRun(past: PastRun, known: Losses): RunItem {
  const { run, record, startedMs } = past;
  const keys = (record?.stages ?? []).flatMap(({ key }) => (key === null ? [] : [key as Key]));
  const measured = (record?.stages ?? []).flatMap((stage) => lossOf(stage, known) ?? []);
  return {
    run,
    pipeline: record?.pipeline ?? '',
    startedMs,
    isRunning: isRunning(past),
    loss: measured.length ? Math.min(...measured) : null,
    keys,
    artifacts: [...artifactsOf(past).values()],
  };
}

/** The lowest validation loss that a finished stage measured at any step; null if its kind measures none. */
function lossOf({ kind, key, artifact }: StageResult, { store, kinds, losses }: Losses): number | null {
  const metric = kinds[kind]?.metrics?.heldOutLoss;
  if (metric === undefined || key === null || artifact === null) return null;
  const known = losses.get(key as Key);
  if (known !== undefined) return known;
  const values = eventsAt(store, key as Key).flatMap((event) =>
    event.kind === 'metric' && event.name === metric && Number.isFinite(event.value) ? [event.value] : [],
  );
  const loss = values.length ? values.reduce((least, value) => Math.min(least, value)) : null;
  losses.set(key as Key, loss);
  return loss;
}

function readArtifact(store: Store, digest: Digest): ArtifactItem {
  const dir = artifactDir(store, digest);
  const files = filesInside(dir).map((stats) => ({
    inode: `${stats.dev}:${stats.ino}`,
    bytes: Number(stats.size),
    names: Number(stats.nlink),
  }));
  return { digest, changedMs: statSync(dir, { throwIfNoEntry: false })?.ctimeMs ?? 0, files };
}

function readWork(store: Store, key: Key): WorkItem {
  const dir = workDir(store, key);
  const spec = readJson<Partial<StageSpec>>(join(dir, 'spec.json'));
  const files = filesInside(dir);
  const newest = files.reduce((latest, stats) => Math.max(latest, Number(stats.mtimeMs)), changedMs(dir));
  return {
    key,
    stage: spec?.name ?? '?',
    kind: spec?.kind ?? '?',
    bytes: sum(files.map(({ size }) => Number(size))),
    changedMs: newest,
    canGoOn: hasWork(store, key),
    inputs: Object.values(spec?.preImage?.inputs ?? {}),
  };
}

function foldersIn(store: Store, folder: string): string[] {
  try {
    const entries = readdirSync(join(store.dir, folder), { withFileTypes: true });
    return entries.flatMap((entry) => (entry.isDirectory() ? [entry.name] : []));
  } catch {
    return []; // missing, or not a folder
  }
}

const changedMs = (path: string): number => statSync(path, { throwIfNoEntry: false })?.mtimeMs ?? 0;
const sum = (values: number[]): number => values.reduce((total, value) => total + value, 0);
