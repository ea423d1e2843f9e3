import { existsSync, readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import type { Digest, Key } from '../pipeline/plan/key.ts';
import type { Kinds } from '../pipeline/stage-kind.ts';
import type { StageResult } from '../pipeline/events.ts';
import { holdersOf } from '../process/lock.ts';
import { mayBeAlive } from '../process/process-mark.ts';
import { filesBelow } from '../store/sources/digest.ts';
import type { FoundFile } from '../store/sources/digest.ts';
import { readJson } from '../files/read-file.ts';
import { listCachedParts } from '../store/cached-parts.ts';
import type { CachedPart } from '../store/cached-parts.ts';
import { artifactsOf, listPastRuns } from '../history/past-runs.ts';
import type { PastRun } from '../history/past-runs.ts';
import type { StageSpec } from '../store/spec.ts';
import { eventsAt } from '../history/stage-metrics.ts';
import { artifactDir, hasWork, keyDir, lockDir, partsDir, readEntry, workDir } from '../store/store.ts';
import type { Store } from '../store/store.ts';

/** What lies in a store and who speaks of it, as plain data: what `gc` decides from. */
export interface Inventory {
  runs: RunItem[];
  entries: EntryItem[];
  artifacts: ArtifactItem[];
  works: WorkItem[];
  /** those used last come first */
  parts: CachedPart[];
  /** keys at which a living process works, and artifacts that it reads */
  livingKeys: ReadonlySet<Key>;
  livingArtifacts: ReadonlySet<Digest>;
}

export interface RunItem {
  run: string;
  pipeline: string;
  startedMs: number;
  living: boolean;
  /** held-out loss, the lower the better; null if none was measured */
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
  /** `place` is the same for two names of one file; `names` is how many there are anywhere */
  files: { place: string; bytes: number; names: number }[];
}

/** What an attempt left that did not come to its end. */
export interface WorkItem {
  key: Key;
  stage: string;
  kind: string;
  bytes: number;
  changedMs: number;
  /** holds something to go on from: a checkpoint that was never published */
  canGoOn: boolean;
  inputs: Digest[];
}

/** `kinds` tell by which loss runs are compared; without them no losses are read, only sizes. */
export function takeInventory(store: Store, runsDir: string, kinds: Kinds): Inventory {
  const losses = new Map<Key, number | null>();
  const works = namesIn(store, 'work').map((name) => readWork(store, name as Key));
  const livingKeys = new Set(
    (namesIn(store, 'locks') as Key[]).filter((key) => holdersOf(lockDir(store, key)).length > 0),
  );
  return {
    runs: listPastRuns(runsDir).map((run) => readRun(run, { store, kinds, losses })),
    entries: (namesIn(store, 'keys') as Key[]).flatMap((key) => {
      const entry = readEntry(store, key);
      return entry
        ? [{ key, artifact: entry.artifact, madeMs: changedMs(join(keyDir(store, key), 'entry.json')) }]
        : [];
    }),
    artifacts: (namesIn(store, 'artifacts') as Digest[]).map((digest) => readArtifact(store, digest)),
    works,
    parts: listCachedParts(partsDir(store)),
    livingKeys,
    livingArtifacts: new Set(works.filter(({ key }) => livingKeys.has(key)).flatMap(({ inputs }) => inputs)),
  };
}

/** What really lies on the disk: two names of one file count once. */
export function storeBytes({ artifacts, works, parts }: Pick<Inventory, 'artifacts' | 'works' | 'parts'>): number {
  const places = new Map(artifacts.flatMap(({ files }) => files.map(({ place, bytes }) => [place, bytes] as const)));
  return sum([...places.values()]) + sum(works.map(({ bytes }) => bytes)) + partsBytes({ parts });
}

export const partsBytes = ({ parts }: Pick<Inventory, 'parts'>): number => sum(parts.map(({ bytes }) => bytes));

// ---------------------------------------------------------------------------

interface Losses {
  store: Store;
  kinds: Kinds;
  losses: Map<Key, number | null>;
}

function readRun(past: PastRun, known: Losses): RunItem {
  const { run, record, startedMs } = past;
  const keys = (record?.stages ?? []).flatMap(({ key }) => (key === null ? [] : [key as Key]));
  const measured = (record?.stages ?? []).flatMap((stage) => lossOf(stage, known) ?? []);
  const living = record !== null && record.ok === null && record.runner !== undefined && mayBeAlive(record.runner);
  return {
    run,
    pipeline: record?.pipeline ?? '',
    startedMs,
    living,
    loss: measured.length ? Math.min(...measured) : null,
    keys,
    artifacts: [...artifactsOf(past).values()],
  };
}

/** The lowest held-out loss that a finished stage measured, at any step; null if its kind measures none. */
function lossOf({ kind, key, artifact }: StageResult, { store, kinds, losses }: Losses): number | null {
  const metric = kinds[kind]?.metrics?.heldOutLoss;
  if (metric === undefined || key === null || artifact === null) return null;
  const before = losses.get(key as Key);
  if (before !== undefined) return before;
  const values = eventsAt(store, key as Key).flatMap((event) =>
    event.kind === 'metric' && event.name === metric && Number.isFinite(event.value) ? [event.value] : [],
  );
  const loss = values.length ? values.reduce((least, value) => Math.min(least, value)) : null;
  losses.set(key as Key, loss);
  return loss;
}

function readArtifact(store: Store, digest: Digest): ArtifactItem {
  const dir = artifactDir(store, digest);
  const files = filesNow(dir).map(({ stats }) => ({
    place: `${stats.dev}:${stats.ino}`,
    bytes: Number(stats.size),
    names: Number(stats.nlink),
  }));
  return { digest, changedMs: statSync(dir, { throwIfNoEntry: false })?.ctimeMs ?? 0, files };
}

function readWork(store: Store, key: Key): WorkItem {
  const dir = workDir(store, key);
  const spec = readJson<Partial<StageSpec>>(join(dir, 'spec.json'));
  const files = filesNow(dir);
  const newest = files.reduce((latest, { stats }) => Math.max(latest, Number(stats.mtimeMs)), changedMs(dir));
  return {
    key,
    stage: spec?.name ?? '?',
    kind: spec?.kind ?? '?',
    bytes: sum(files.map(({ stats }) => Number(stats.size))),
    changedMs: newest,
    canGoOn: hasWork(store, key),
    inputs: Object.values(spec?.preImage?.inputs ?? {}),
  };
}

/**
 * Of a folder in which a living process makes and removes files: one that goes while we look is looked past by looking
 * again.
 */
function filesNow(dir: string): FoundFile[] {
  for (let look = 1; ; look++) {
    try {
      return filesBelow(dir);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
      if (look === 20) return [];
    }
  }
}

function namesIn(store: Store, room: string): string[] {
  const dir = join(store.dir, room);
  return existsSync(dir)
    ? readdirSync(dir, { withFileTypes: true }).flatMap((entry) => (entry.isDirectory() ? [entry.name] : []))
    : [];
}

const changedMs = (path: string): number => statSync(path, { throwIfNoEntry: false })?.mtimeMs ?? 0;
const sum = (values: number[]): number => values.reduce((total, value) => total + value, 0);
