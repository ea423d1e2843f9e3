import { randomBytes } from 'node:crypto';
import { existsSync, lstatSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { keyOf } from '../pipeline/plan/key.ts';
import type { Digest, Key, PreImage } from '../pipeline/plan/key.ts';
import { digestOf, manifestOf } from './sources/digest.ts';
import type { ManifestLine } from './sources/digest.ts';
import { prepareFile } from '../files/replace-file.ts';
import { sha256Of } from '../files/sha256.ts';
import { syncPath, syncTree } from '../files/sync.ts';
import { sweepOwn } from './sweep-aside.ts';
import { linkRepeatedFiles } from './link-repeated-files.ts';
import { artifactDir, entryText, findEntry, keyDir, preImageText, workDir } from './store.ts';
import type { Content, Entry, Store } from './store.ts';
import { toStoreError } from './store-error.ts';

/**
 * Seals a folder, which must be on the store's disk, as an artifact and writes the key's entry last. After a crash,
 * either the work folder is unchanged, or the artifact exists without an entry and the next attempt publishes it
 * again.
 */
export async function publish(
  store: Store,
  key: Key,
  preImage: PreImage,
  seconds: number,
  out: string,
): Promise<Entry> {
  if (keyOf(preImage) !== key) throw new Error('the pre-image does not match the key');
  try {
    const entry = await seal(store, key, preImage, seconds, out);
    removeWork(store, key);
    return entry;
  } catch (error) {
    throw toStoreError(error, store.dir);
  }
}

// ---------------------------------------------------------------------------

const ATTEMPTS = 3;

async function seal(store: Store, key: Key, preImage: PreImage, seconds: number, out: string): Promise<Entry> {
  const files = await manifestOf(out);
  const artifact = digestOf(files);
  await linkRepeatedFiles(store, out, files, Object.values(preImage.inputs));
  syncTree(out, store.disk);
  // Until our entry is written, `gc` in another process may remove the artifact, because no entry refers to it.
  // So check afterwards, and move the artifact into the store again if necessary.
  for (let attempt = 1; ; attempt++) {
    await installArtifact(store, out, artifact, files);
    const entry = writeEntry(store, key, preImage, { artifact, files, seconds });
    if (findEntry(store, key)) return entry;
    if (attempt === ATTEMPTS || !existsSync(out))
      throw new Error(`the artifact ${artifact} was removed from the store while it was being published`);
  }
}

/** Errors are ignored: the stage is sealed, and `gc` deletes leftovers. */
function removeWork(store: Store, key: Key): void {
  try {
    store.disk.remove(workDir(store, key));
  } catch {
    // a failing disk
  }
}

async function installArtifact(store: Store, out: string, artifact: Digest, files: ManifestLine[]): Promise<void> {
  const { disk } = store;
  const target = artifactDir(store, artifact);
  if (isThere(target) && !(await isIntact(target, files))) removeDamaged(store, target);
  if (isThere(target)) return;
  for (const { path } of files) disk.setMode(join(out, path), 0o444);
  try {
    disk.rename(out, target);
  } catch (error) {
    // Another process may publish the same bytes under another key at the same moment; then use theirs.
    if (!(await isIntact(target, files))) throw error;
  }
  syncPath(dirname(target), disk);
}

/** Also true for a link that leads nowhere. */
const isThere = (path: string): boolean => lstatSync(path, { throwIfNoEntry: false }) !== undefined;

/** Renames a damaged artifact first, so that it disappears in one step, then deletes it. */
function removeDamaged(store: Store, target: string): void {
  const temporary = join(store.dir, 'work', `damaged-${randomBytes(4).toString('hex')}`);
  store.disk.rename(target, temporary);
  store.disk.remove(temporary);
}

/**
 * The content of all files that the entry refers to is durable before `entry.json` gets its name. If a power cut loses
 * the name of a file beside it, the entry is a miss.
 */
function writeEntry(
  store: Store,
  key: Key,
  preImage: PreImage,
  sealed: Pick<Entry, 'artifact' | 'files' | 'seconds'>,
): Entry {
  const { disk } = store;
  const dir = keyDir(store, key);
  const beside = filesBesideEntry(workDir(store, key), preImage);
  const contents = Object.entries(beside).map(([name, bytes]): [string, Content] => [
    name,
    { bytes: bytes.length, sha256: sha256Of(bytes) },
  ]);
  const entry: Entry = { record: 'entry/2', ...sealed, inputsVerified: true, beside: Object.fromEntries(contents) };
  const nameEntry = prepareFile(join(dir, 'entry.json'), entryText(entry), disk);
  for (const [name, bytes] of Object.entries(beside)) prepareFile(join(dir, name), bytes, disk)();
  nameEntry();
  sweepOwn(dir); // of killed attempts: only the holder of the key's lock writes here
  syncPath(dir, disk);
  syncPath(dirname(dir), disk);
  return entry;
}

/** Name → content of the files from which later runs replay and show a cached stage. */
function filesBesideEntry(work: string, preImage: PreImage): Record<string, Buffer> {
  const beside: Record<string, Buffer> = { 'pre-image.json': Buffer.from(preImageText(preImage)) };
  for (const name of ['events.jsonl', 'log.txt'])
    if (existsSync(join(work, name))) beside[name] = readFileSync(join(work, name));
  return beside;
}

async function isIntact(dir: string, files: ManifestLine[]): Promise<boolean> {
  try {
    return digestOf(await manifestOf(dir)) === digestOf(files);
  } catch {
    return false;
  }
}
