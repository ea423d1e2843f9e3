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
 * The store, below `runs/store`:
 *
 *     artifacts/<digest>/      sealed folders, read only
 *     keys/<key>/              pre-image.json, events.jsonl, and entry.json, written last
 *     work/<key>/              an attempt: spec.json, events.jsonl, log.txt, out/, scratch/
 *     locks/<key>/             who works at a key
 *     last/<pipeline>.jsonl    the key of each stage when it last ran, to say what changed
 *     stats/                   how the files of sources looked when they were hashed
 *     parts/                   packs of what was made of parts of an input, to make only the rest anew; may go at any moment
 *     trash/<time>-<why>/      what `gc` and `verify --repair` put away, until `gc --empty-trash`
 *
 * Work aside, then publish: a missing, short or dangling entry is a miss, never an error and never a hit.
 */
export interface Store {
  dir: string;
  disk: Disk;
  /** why nothing can be written here, in words; null where it can. What is cached still serves. */
  unwritable: string | null;
  last: LastKeys;
}

export interface Entry {
  /** `entry/1` came without sums of itself and of what lies beside it */
  record: 'entry/1' | 'entry/2';
  artifact: Digest;
  files: ManifestLine[];
  /** seconds that the stage took when it ran */
  seconds: number;
  /** file beside `entry.json` → what it holds */
  beside?: Record<string, Content>;
}

export interface Content {
  bytes: number;
  sha256: string;
}

const ROOMS = ['artifacts', 'keys', 'work', 'locks', 'last', 'stats'];

/** Never fails for a store that can only be read. */
export function openStore(dir: string, disk: Disk = realDisk): Store {
  const unwritable = makeRooms(dir);
  return { dir, disk, unwritable, last: openLastKeys(join(dir, 'last'), unwritable === null) };
}

export const artifactDir = (store: Store, digest: Digest): string => join(store.dir, 'artifacts', digest);
export const keyDir = (store: Store, key: Key): string => join(store.dir, 'keys', key);
export const workDir = (store: Store, key: Key): string => join(store.dir, 'work', key);
export const lockDir = (store: Store, key: Key): string => join(store.dir, 'locks', key);
export const statsDir = (store: Store): string => join(store.dir, 'stats');
export const partsDir = (store: Store): string => join(store.dir, 'parts');
export const trashDir = (store: Store): string => join(store.dir, 'trash');

/** The entry of a key, if all that it speaks of is there at its size. */
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

/** What stands in `entry.json`, if it is whole in itself; the artifact may be gone. */
export function readEntry(store: Store, key: Key): Entry | null {
  const text = readText(join(keyDir(store, key), 'entry.json'));
  return text === null ? null : parseEntry(text);
}

/** An entry as it stands in its file: the last member is the sum of what is before it. */
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
        return null; // of a later version
    }
  } catch {
    return null;
  }
}

/** The readable record behind a key; null if there is none, or if it is not the one behind this key. */
export function readPreImage(store: Store, key: Key): PreImage | null {
  const preImage = readJson<PreImage>(join(keyDir(store, key), 'pre-image.json'));
  return preImage !== null && keyOf(preImage) === key ? preImage : null;
}

export const preImageText = (preImage: PreImage): string => `${JSON.stringify(preImage, null, 2)}\n`;

/** True if a dead attempt left something beyond its spec. */
export function hasWork(store: Store, key: Key): boolean {
  try {
    return readdirSync(join(workDir(store, key), 'scratch')).length > 0;
  } catch {
    return false;
  }
}

/** The key of each stage of a pipeline when it last ran. */
export const lastKeys = (store: Store, pipeline: string): Record<string, Key> =>
  Object.fromEntries(store.last.of(pipeline));

/**
 * Remembers what a stage reads, before it runs, so that the next plan can say what changed. It only serves reasons:
 * what cannot be written is let go.
 */
export function rememberKey(store: Store, pipeline: string, stage: string, key: Key, preImage: PreImage): void {
  if (store.unwritable !== null || store.last.of(pipeline).get(stage) === key) return;
  try {
    const path = join(keyDir(store, key), 'pre-image.json');
    if (!existsSync(path)) prepareFile(path, preImageText(preImage), store.disk)();
    store.last.remember(pipeline, stage, key);
  } catch {
    // the stage itself will meet the same disk, and say so
  }
}

// ---------------------------------------------------------------------------

function makeRooms(dir: string): string | null {
  try {
    for (const room of ROOMS) mkdirSync(join(dir, room), { recursive: true });
    accessSync(dir, constants.W_OK);
    return null;
  } catch (error) {
    return (error as Error).message;
  }
}

const sizeOf = (path: string): number | undefined => statSync(path, { throwIfNoEntry: false })?.size;
