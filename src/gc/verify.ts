import { existsSync, lstatSync, readFileSync, readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import type { Digest, Key } from '../pipeline/plan/key.ts';
import { digestOf, filesBelow } from '../store/sources/digest.ts';
import type { ManifestLine, OnBytes } from '../store/sources/digest.ts';
import type { FoundFile } from '../store/sources/source-tree.ts';
import { readJson, readText } from '../files/read-file.ts';
import { sha256Of } from '../files/sha256.ts';
import { TEMPORARY_SUFFIX } from '../files/temporary-name.ts';
import { hashFiles } from '../store/sources/hash-files.ts';
import { unverifiedReaders } from '../store/producers.ts';
import { isWholeStatFile } from '../store/sources/stat-cache.ts';
import { artifactDir, keyDir, parseEntry, preImageText, readPreImage, statsDir } from '../store/store.ts';
import type { Entry, Store } from '../store/store.ts';

/** Something in the store that is damaged or missing. */
export interface Damage {
  /** the store's top-level folder */
  room: 'artifacts' | 'keys' | 'stats' | 'parts' | 'work';
  /** name in that folder: a digest, a key, a file name, or the path of a checkpoint */
  name: string;
  /** the damaged file in the folder `name`; null if all of `name` is damaged */
  file: string | null;
  /** the rest of the sentence: `is missing` */
  what: string;
  /** keys whose entries are invalid because of this; their stages are due */
  keys: Key[];
}

export interface Verified {
  artifacts: number;
  entries: number;
  files: number;
  bytes: number;
  damages: Damage[];
}

/**
 * Reads every byte of the artifacts, of what is recorded about them, and of the stat caches. What stages keep in
 * formats of their own, cached parts and checkpoints, is checked by `src/cli/store/kept-damage.ts`.
 */
export async function verifyStore(store: Store, onBytes?: OnBytes): Promise<Verified> {
  const keys = namesInFolder(join(store.dir, 'keys')) as Key[];
  const entries = new Map(
    keys.flatMap((key): [Key, Entry][] => {
      const text = readText(join(keyDir(store, key), 'entry.json'));
      const entry = text === null ? null : parseEntry(text);
      return entry ? [[key, entry]] : [];
    }),
  );
  const keysOf = new Map<Digest, Key[]>();
  for (const [key, { artifact }] of entries) keysOf.set(artifact, [...(keysOf.get(artifact) ?? []), key]);
  const damages = keys.flatMap((key) => damagesOfKey(store, key, entries.get(key)));
  const digests = namesInFolder(join(store.dir, 'artifacts')) as Digest[];
  const manifests = await manifestsOf(store, digests, onBytes);
  const present = new Set(digests.filter((digest) => isThere(artifactDir(store, digest))));
  for (const digest of present)
    damages.push(...damagesOfArtifact(digest, manifests.get(digest), keysOf.get(digest) ?? [], entries));
  for (const [digest, keysOfDigest] of keysOf)
    if (!present.has(digest))
      damages.push({ room: 'artifacts', name: digest, file: null, what: 'is missing', keys: keysOfDigest });
  for (const damage of damages)
    if (damage.room === 'artifacts' && damage.what !== 'is missing')
      damage.keys = [...damage.keys, ...unverifiedReaders(store, damage.name as Digest)];
  for (const name of statFiles(store))
    if (!isWholeStatFile(readText(join(statsDir(store), name)) ?? ''))
      damages.push({ room: 'stats', name, file: null, what: 'is damaged; sources will be read again', keys: [] });
  for (const name of namesInFolder(join(statsDir(store), 'manifests')))
    if (!isWholeManifest(join(statsDir(store), 'manifests', name), name))
      damages.push({
        room: 'stats',
        name: `manifests/${name}`,
        file: null,
        what: 'is damaged; reasons will not name the changed files',
        keys: [],
      });
  const lines = [...manifests.values()].flat();
  return {
    artifacts: digests.length,
    entries: entries.size,
    files: lines.length,
    bytes: lines.reduce((sum, { bytes }) => sum + bytes, 0),
    damages,
  };
}

// ---------------------------------------------------------------------------

function damagesOfKey(store: Store, key: Key, entry: Entry | undefined): Damage[] {
  const dir = keyDir(store, key);
  const damage = (file: string, what: string, due: boolean): Damage => ({
    room: 'keys',
    name: key,
    file,
    what,
    keys: due ? [key] : [],
  });
  const found: Damage[] = [];
  if (!entry && existsSync(join(dir, 'entry.json'))) found.push(damage('entry.json', 'is damaged', true));
  const preImage = readText(join(dir, 'pre-image.json'));
  if (preImage !== null || entry) {
    const whole = readPreImage(store, key);
    if (!whole || preImage !== preImageText(whole))
      found.push(
        damage('pre-image.json', preImage === null ? 'is missing' : 'does not match this key', entry !== undefined),
      );
  }
  for (const [name, { bytes, sha256 }] of Object.entries(entry?.beside ?? {})) {
    if (name === 'pre-image.json') continue;
    const content = readBytes(join(dir, name));
    if (content?.length !== bytes || sha256Of(content) !== sha256)
      found.push(damage(name, content === null ? 'is missing' : 'is damaged', true));
  }
  return found;
}

/**
 * Hashes all artifacts in one call, so that threads share the work. A file with two names is read once. Leaves out
 * artifacts that are not a folder, or hold anything but files and folders.
 */
async function manifestsOf(store: Store, digests: Digest[], onBytes?: OnBytes): Promise<Map<Digest, ManifestLine[]>> {
  const found = digests.flatMap((digest) => {
    const files = plainFilesOf(artifactDir(store, digest));
    return files ? [{ digest, files }] : [];
  });
  const inodeOf = ({ stats }: FoundFile): string => `${stats.dev}:${stats.ino}`;
  const byInode = new Map(
    found.flatMap(({ digest, files }) =>
      files.map((file): [string, { path: string; bytes: number }] => [
        inodeOf(file),
        { path: join(artifactDir(store, digest), file.path), bytes: Number(file.stats.size) },
      ]),
    ),
  );
  const sums = await hashFiles([...byInode.values()], onBytes);
  const sumOf = new Map([...byInode.keys()].map((inode, index) => [inode, sums[index]!]));
  const manifest = (files: FoundFile[]): ManifestLine[] =>
    files
      .map((file) => ({ path: file.path, bytes: Number(file.stats.size), sha256: sumOf.get(inodeOf(file))! }))
      .sort((a, b) => (a.path < b.path ? -1 : 1));
  return new Map(found.map(({ digest, files }) => [digest, manifest(files)]));
}

/** Null for what cannot be an artifact, such as one that holds a pipe or links in a circle. */
function plainFilesOf(dir: string): FoundFile[] | null {
  try {
    const files = filesBelow(dir);
    return files.every(({ stats }) => stats.isFile()) ? files : null;
  } catch {
    return null;
  }
}

/** The digest shows that an artifact is damaged; only an entry shows which of its files. */
function damagesOfArtifact(
  digest: Digest,
  manifest: ManifestLine[] | undefined,
  keys: Key[],
  entries: Map<Key, Entry>,
): Damage[] {
  if (manifest && digestOf(manifest) === digest) return [];
  const damage = (file: string | null, what: string): Damage => ({ room: 'artifacts', name: digest, file, what, keys });
  if (!manifest) return [damage(null, 'is not a folder of files that can be read')];
  const expected = keys[0] === undefined ? null : entries.get(keys[0])!.files;
  if (!expected) return [damage(null, 'does not match its digest')];
  const rest = new Map(manifest.map((line) => [line.path, line]));
  const wrong = expected.flatMap(({ path, bytes, sha256 }) => {
    const line = rest.get(path);
    rest.delete(path);
    if (!line) return [damage(path, 'is missing')];
    if (line.bytes !== bytes) return [damage(path, `has ${line.bytes} bytes instead of ${bytes}`)];
    return line.sha256 === sha256 ? [] : [damage(path, 'was changed')];
  });
  return [...wrong, ...[...rest.keys()].map((path) => damage(path, 'does not belong there'))];
}

const statFiles = (store: Store): string[] =>
  namesInFolder(statsDir(store)).filter(
    (name) => statSync(join(statsDir(store), name), { throwIfNoEntry: false })?.isFile() === true,
  );

/** Whether the list of a source's files has the digest that is its name. */
function isWholeManifest(path: string, name: string): boolean {
  const lines = readJson<[path: string, bytes: number, sha256: string][]>(path);
  return (
    Array.isArray(lines) &&
    `${digestOf(lines.map(([file, bytes, sha256]) => ({ path: file, bytes, sha256 })))}.json` === name
  );
}

/** Also true for a link that leads nowhere. False if `gc` has moved it meanwhile. */
const isThere = (path: string): boolean => lstatSync(path, { throwIfNoEntry: false }) !== undefined;

/** Sorted, without temporary files. */
function namesInFolder(dir: string): string[] {
  try {
    return readdirSync(dir)
      .filter((name) => !name.endsWith(TEMPORARY_SUFFIX))
      .sort();
  } catch {
    return []; // missing, or not a folder
  }
}

function readBytes(path: string): Buffer | null {
  try {
    return readFileSync(path);
  } catch {
    return null;
  }
}
