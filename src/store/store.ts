import { accessSync, constants, existsSync, mkdirSync, readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import type { Digest, Key, PreImage } from '../pipeline/plan/key.ts';
import { keyOf } from '../pipeline/plan/key.ts';
import type { ManifestLine } from './sources/digest.ts';
import { realDisk } from '../files/disk.ts';
import type { Disk } from '../files/disk.ts';
import { readJson, readText } from '../files/read-file.ts';
import { sha256Of } from '../files/sha256.ts';
import { prepareFile } from '../files/replace-file.ts';
import { openLastKeys } from './last-keys.ts';
import type { LastKeys } from './last-keys.ts';

/**
 * The store, in `runs/store`:
 *
 *     artifacts/<digest>/      sealed folders, read-only
 *     keys/<key>/              pre-image.json, events.jsonl, and entry.json, written last
 *     work/<key>/              an attempt: spec.json, events.jsonl, log.txt, out-<mark>/, scratch/
 *     locks/<key>/             the processes working on a key
 *     last/<pipeline>.jsonl    the key of each stage when it last ran, to explain what changed
 *     stats/                   size, times and hash of source files when they were last hashed
 *     parts/                   cached results for parts of an input; may be deleted at any time
 *     trash/<time>-<why>/      removed by `gc` and `verify --repair`, until `gc --empty-trash`
 *
 * Stages write in `work/` and publish when they are done. An entry that is missing, incomplete or refers to missing
 * files is a cache miss, never an error and never a hit.
 */
export interface Store {
  dir: string;
  disk: Disk;
  /** why the store is read-only; null if it is writable. Cached results can still be read. */
  unwritable: string | null;
  last: LastKeys;
}

export interface Entry {
  /** `entry/1` has no checksums of itself and of the files beside it */
  record: 'entry/1' | 'entry/2';
  artifact: Digest;
  files: ManifestLine[];
  /** duration of the stage in seconds */
  seconds: number;
  /** the stage compared its inputs with their digests before it read them; older entries do not say */
  inputsVerified?: true;
  /** name of a file beside `entry.json` → its size and hash */
  beside?: Record<string, Content>;
}

export interface Content {
  bytes: number;
  sha256: string;
}

const FOLDERS = ['artifacts', 'keys', 'work', 'locks', 'last', 'stats'];

/** Creates the folders. Does not fail if the store is read-only. */
export function openStore(dir: string, disk: Disk = realDisk): Store {
  const unwritable = makeFolders(dir);
  return { dir, disk, unwritable, last: openLastKeys(join(dir, 'last'), unwritable === null) };
}

export const artifactDir = (store: Store, digest: Digest): string => join(store.dir, 'artifacts', digest);
export const keyDir = (store: Store, key: Key): string => join(store.dir, 'keys', key);
export const workDir = (store: Store, key: Key): string => join(store.dir, 'work', key);
export const lockDir = (store: Store, key: Key): string => join(store.dir, 'locks', key);
export const statsDir = (store: Store): string => join(store.dir, 'stats');
export const partsDir = (store: Store): string => join(store.dir, 'parts');
export const trashDir = (store: Store): string => join(store.dir, 'trash');

/** The entry of a key, if all files it refers to exist and have the right size; null otherwise. */
export function findEntry(store: Store, key: Key): Entry | null {
  const dir = keyDir(store, key);
  const entry = readEntry(store, key);
  if (!entry) return null;
  const artifact = artifactDir(store, entry.artifact);
  const whole =
    entry.files.every(({ path, bytes }) => sizeOf(`${artifact}/${path}`) === bytes) &&
    (entry.files.length > 0 || existsSync(artifact));
  return whole && Object.entries(entry.beside ?? {}).every(([name, { bytes }]) => sizeOf(`${dir}/${name}`) === bytes)
    ? entry
    : null;
}

/** The content of `entry.json`, or null if it is missing or damaged; does not check that the artifact exists. */
export function readEntry(store: Store, key: Key): Entry | null {
  const text = readText(join(keyDir(store, key), 'entry.json'));
  return text === null ? null : parseEntry(text);
}

/** The text of `entry.json`; its last member is the checksum of the others. */
export function entryText(entry: Entry): string {
  const text = JSON.stringify(entry);
  return `${text.slice(0, -1)},"sum":"${sha256Of(text)}"}\n`;
}

export function parseEntry(text: string): Entry | null {
  try {
    const { sum, ...entry } = JSON.parse(text) as Entry & { sum?: string };
    if (!Array.isArray(entry.files) || typeof entry.artifact !== 'string') return null;
    switch (entry.record) {
      case 'entry/1':
        return sum === undefined ? entry : null;
      case 'entry/2':
        return sum === sha256Of(JSON.stringify(entry)) && text === entryText(entry) ? entry : null;
      default:
        return null; // written by a later version
    }
  } catch {
    return null;
  }
}

/** The record that the key is the hash of; null if it is missing or has another hash. */
export function readPreImage(store: Store, key: Key): PreImage | null {
  const preImage = readJson<PreImage>(join(keyDir(store, key), 'pre-image.json'));
  return preImage !== null && keyOf(preImage) === key ? preImage : null;
}

export const preImageText = (preImage: PreImage): string => `${JSON.stringify(preImage, null, 2)}\n`;

/** True if an unfinished attempt left files to resume from, such as a checkpoint. */
export function hasWork(store: Store, key: Key): boolean {
  try {
    return readdirSync(join(workDir(store, key), 'scratch')).length > 0;
  } catch {
    return false;
  }
}

/** The key of each stage of a pipeline when it last ran. */
export const lastKeys = (store: Store, pipeline: string): Record<string, Key> =>
  Object.fromEntries(store.last.keysOf(pipeline));

/**
 * Stores the stage's key and pre-image before it runs, so that the next plan can explain what changed. Used only for
 * explanations; write errors are ignored.
 */
export function rememberKey(store: Store, pipeline: string, stage: string, key: Key, preImage: PreImage): void {
  if (store.unwritable !== null || store.last.keysOf(pipeline).get(stage) === key) return;
  try {
    const path = join(keyDir(store, key), 'pre-image.json');
    if (!existsSync(path)) prepareFile(path, preImageText(preImage), store.disk)();
    store.last.remember(pipeline, stage, key);
  } catch {
    // if the disk is failing, the stage itself will report it
  }
}

// ---------------------------------------------------------------------------

/** Null, or why the store is read-only. */
function makeFolders(dir: string): string | null {
  try {
    for (const folder of FOLDERS) mkdirSync(join(dir, folder), { recursive: true });
    accessSync(dir, constants.W_OK);
    return null;
  } catch (error) {
    return (error as Error).message;
  }
}

/** Undefined for anything but a file. */
function sizeOf(path: string): number | undefined {
  try {
    const stats = statSync(path, { throwIfNoEntry: false });
    return stats?.isFile() === true ? stats.size : undefined;
  } catch {
    return undefined; // a file where a folder should be, or links in a circle
  }
}
