import { chmodSync, existsSync, mkdirSync, readFileSync, readdirSync, renameSync, rmSync, statSync } from 'node:fs';
import { join, resolve } from 'node:path';
import type { Digest, Key, PreImage } from '../pipeline/key.ts';
import { keyOf } from '../pipeline/key.ts';
import { digestOf, manifestOf } from './digest.ts';
import type { ManifestLine } from './digest.ts';
import { readJson, syncDir, syncTree, writeWhole } from './files.ts';

/**
 * The store, below `runs/store`:
 *
 *     artifacts/<digest>/     sealed folders, read only
 *     keys/<key>/             pre-image.json, events.jsonl, and entry.json, written last
 *     work/<key>/             an attempt: spec.json, events.jsonl, log.txt, out/, scratch/
 *     locks/<key>/            who works at a key
 *     last/<pipeline>.json    the key of each stage when it last ran, to say what changed
 *
 * Work aside, then publish: a missing, short or dangling entry is a miss, never an error and never a hit.
 */
export interface Store {
  dir: string;
}

export interface Entry {
  record: 'entry/1';
  artifact: Digest;
  files: ManifestLine[];
  /** seconds that the stage took when it ran */
  seconds: number;
}

export function openStore(dir: string): Store {
  for (const room of ['artifacts', 'keys', 'work', 'locks', 'last']) mkdirSync(join(dir, room), { recursive: true });
  return { dir };
}

export const artifactDir = (store: Store, digest: Digest): string => join(store.dir, 'artifacts', digest);
export const keyDir = (store: Store, key: Key): string => join(store.dir, 'keys', key);
export const workDir = (store: Store, key: Key): string => join(store.dir, 'work', key);
export const lockDir = (store: Store, key: Key): string => join(store.dir, 'locks', key);

/** The entry of a key, if the artifact is there with every file at its size. */
export function findEntry(store: Store, key: Key): Entry | null {
  const entry = readJson<Entry>(join(keyDir(store, key), 'entry.json'));
  if (entry?.record !== 'entry/1' || !Array.isArray(entry.files)) return null;
  const dir = artifactDir(store, entry.artifact);
  const whole = entry.files.every(({ path, bytes }) => statSync(join(dir, path), { throwIfNoEntry: false })?.size === bytes);
  return whole ? entry : null;
}

export function readPreImage(store: Store, key: Key): PreImage | null {
  return readJson<PreImage>(join(keyDir(store, key), 'pre-image.json'));
}

/** True if a dead attempt left something beyond its spec. */
export function hasWork(store: Store, key: Key): boolean {
  const dir = join(workDir(store, key), 'scratch');
  return existsSync(dir) && readdirSync(dir).length > 0;
}

/**
 * Seals `work/<key>/out` as an artifact and writes the key's entry last. A crash anywhere leaves either the work folder
 * as it was, or the artifact without an entry, which the next attempt publishes again.
 */
export async function publish(store: Store, key: Key, preImage: PreImage, seconds: number): Promise<Entry> {
  if (keyOf(preImage) !== key) throw new Error('the pre-image does not belong to this key');
  const work = workDir(store, key);
  const out = join(work, 'out');
  syncTree(out);
  const files = await manifestOf(out);
  const artifact = digestOf(files);
  const target = artifactDir(store, artifact);
  if (existsSync(target) && !(await isIntact(target, files))) rmSync(target, { recursive: true, force: true });
  if (!existsSync(target)) {
    for (const { path } of files) chmodSync(join(out, path), 0o444);
    await moveInto(out, target, files);
    syncDir(join(store.dir, 'artifacts'));
  }
  const record = keyDir(store, key);
  writeWhole(join(record, 'pre-image.json'), `${JSON.stringify(preImage, null, 2)}\n`);
  const events = join(work, 'events.jsonl');
  if (existsSync(events)) writeWhole(join(record, 'events.jsonl'), readFileSync(events, 'utf8'));
  const entry: Entry = { record: 'entry/1', artifact, files, seconds };
  writeWhole(join(record, 'entry.json'), `${JSON.stringify(entry)}\n`);
  syncDir(join(store.dir, 'keys'));
  rmSync(work, { recursive: true, force: true });
  return entry;
}

/** The key of each stage of a pipeline when it last ran. */
export function lastKeys(store: Store, pipeline: string): Record<string, Key> {
  return readJson<Record<string, Key>>(lastPath(store, pipeline)) ?? {};
}

/** Remembers what a stage reads, before it runs, so that the next plan can say what changed. */
export function rememberKey(store: Store, pipeline: string, stage: string, key: Key, preImage: PreImage): void {
  const path = join(keyDir(store, key), 'pre-image.json');
  if (!existsSync(path)) writeWhole(path, `${JSON.stringify(preImage, null, 2)}\n`);
  const known = lastKeys(store, pipeline);
  if (known[stage] === key) return;
  writeWhole(lastPath(store, pipeline), `${JSON.stringify({ ...known, [stage]: key }, null, 2)}\n`);
}

// ---------------------------------------------------------------------------

const lastPath = (store: Store, pipeline: string): string => resolve(store.dir, 'last', `${encodeURIComponent(pipeline)}.json`);

/** Another process may publish the same bytes under another key at the same moment: then theirs serve. */
async function moveInto(out: string, target: string, files: ManifestLine[]): Promise<void> {
  try {
    renameSync(out, target);
  } catch (error) {
    if (!(await isIntact(target, files))) throw error;
  }
}

async function isIntact(dir: string, files: ManifestLine[]): Promise<boolean> {
  try {
    return digestOf(await manifestOf(dir)) === digestOf(files);
  } catch {
    return false;
  }
}
