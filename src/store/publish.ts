import { randomBytes } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { keyOf } from '../pipeline/plan/key.ts';
import type { Digest, Key, PreImage } from '../pipeline/plan/key.ts';
import { digestOf, manifestOf } from './sources/digest.ts';
import type { ManifestLine } from './sources/digest.ts';
import { prepareFile } from '../files/replace-file.ts';
import { sha256Of } from '../files/sha256.ts';
import { syncPath, syncTree } from '../files/sync.ts';
import { linkRepeatedFiles } from './link-repeated-files.ts';
import { artifactDir, entryText, findEntry, keyDir, preImageText, workDir } from './store.ts';
import type { Content, Entry, Store } from './store.ts';
import { toStoreError } from './store-error.ts';

/**
 * Seals `work/<key>/out` as an artifact and writes the key's entry last. A crash anywhere leaves either the work folder
 * as it was, or the artifact without an entry, which the next attempt publishes again.
 */
export async function publish(store: Store, key: Key, preImage: PreImage, seconds: number): Promise<Entry> {
  if (keyOf(preImage) !== key) throw new Error('the pre-image does not belong to this key');
  try {
    const entry = await seal(store, key, preImage, seconds);
    removeWork(store, key);
    return entry;
  } catch (error) {
    throw toStoreError(error, store.dir);
  }
}

// ---------------------------------------------------------------------------

const ATTEMPTS = 3;

async function seal(store: Store, key: Key, preImage: PreImage, seconds: number): Promise<Entry> {
  const out = join(workDir(store, key), 'out');
  const files = await manifestOf(out);
  const artifact = digestOf(files);
  await linkRepeatedFiles(store, out, files, Object.values(preImage.inputs));
  syncTree(out, store.disk);
  // `gc` in another process may take an artifact that no entry names, until ours does: look again, and ours lies ready.
  for (let attempt = 1; ; attempt++) {
    await place(store, out, artifact, files);
    const entry = writeEntry(store, key, preImage, { artifact, files, seconds });
    if (findEntry(store, key)) return entry;
    if (attempt === ATTEMPTS || !existsSync(out))
      throw new Error(`the artifact ${artifact} was taken from the store while it was published`);
  }
}

/** It is sealed: what stays behind costs room, and `gc` finds it. */
function removeWork(store: Store, key: Key): void {
  try {
    store.disk.remove(workDir(store, key));
  } catch {
    // a disk in trouble
  }
}

async function place(store: Store, out: string, artifact: Digest, files: ManifestLine[]): Promise<void> {
  const { disk } = store;
  const target = artifactDir(store, artifact);
  if (existsSync(target) && !(await isIntact(target, files))) putAside(store, target);
  if (existsSync(target)) return;
  for (const { path } of files) disk.setMode(join(out, path), 0o444);
  try {
    disk.rename(out, target);
  } catch (error) {
    // Another process may publish the same bytes under another key at the same moment: then theirs serve.
    if (!(await isIntact(target, files))) throw error;
  }
  syncPath(dirname(target), disk);
}

/** A damaged artifact: out of the way in one step, then gone. */
function putAside(store: Store, target: string): void {
  const aside = join(store.dir, 'work', `damaged-${randomBytes(4).toString('hex')}`);
  store.disk.rename(target, aside);
  store.disk.remove(aside);
}

/**
 * All that the entry speaks of is durable before it gets its name; a name beside it that a power cut took makes it a
 * miss.
 */
function writeEntry(
  store: Store,
  key: Key,
  preImage: PreImage,
  sealed: Pick<Entry, 'artifact' | 'files' | 'seconds'>,
): Entry {
  const { disk } = store;
  const dir = keyDir(store, key);
  const beside = besideEntry(workDir(store, key), preImage);
  const contents = Object.entries(beside).map(([name, bytes]): [string, Content] => [
    name,
    { bytes: bytes.length, sha256: sha256Of(bytes) },
  ]);
  const entry: Entry = { record: 'entry/2', ...sealed, beside: Object.fromEntries(contents) };
  const nameEntry = prepareFile(join(dir, 'entry.json'), entryText(entry), disk);
  for (const [name, bytes] of Object.entries(beside)) prepareFile(join(dir, name), bytes, disk)();
  nameEntry();
  syncPath(dir, disk);
  syncPath(dirname(dir), disk);
  return entry;
}

/** What a later run tells and shows of a stage that it does not run. */
function besideEntry(work: string, preImage: PreImage): Record<string, Buffer> {
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
