import { existsSync, readFileSync, readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import type { Digest, Key } from '../pipeline/plan/key.ts';
import { digestOf, filesBelow } from '../store/sources/digest.ts';
import type { FoundFile, ManifestLine, OnBytes } from '../store/sources/digest.ts';
import { sha256Of } from '../files/sha256.ts';
import { TEMPORARY_SUFFIX } from '../files/replace-file.ts';
import { hashFiles } from '../store/sources/hash-files.ts';
import { isWholeStatFile } from '../store/sources/stat-cache.ts';
import { artifactDir, keyDir, parseEntry, preImageText, readPreImage, statsDir } from '../store/store.ts';
import type { Entry, Store } from '../store/store.ts';

/** One thing in the store that is not what it was. */
export interface Damage {
  room: 'artifacts' | 'keys' | 'stats';
  /** the digest, the key or the file's name: what stands below its room */
  name: string;
  /** the file in it; null if it is the whole */
  file: string | null;
  what: string;
  /** entries that are no good any more: their stages are due */
  keys: Key[];
}

export interface Verified {
  artifacts: number;
  entries: number;
  files: number;
  bytes: number;
  damages: Damage[];
}

/** Reads every byte of the store. What living processes work at is not looked into. */
export async function verifyStore(store: Store, onBytes?: OnBytes): Promise<Verified> {
  const keys = namesIn(join(store.dir, 'keys')) as Key[];
  const entries = new Map(
    keys.flatMap((key): [Key, Entry][] => {
      const text = textOf(join(keyDir(store, key), 'entry.json'));
      const entry = text === null ? null : parseEntry(text);
      return entry ? [[key, entry]] : [];
    }),
  );
  const namedBy = new Map<Digest, Key[]>();
  for (const [key, { artifact }] of entries) namedBy.set(artifact, [...(namedBy.get(artifact) ?? []), key]);
  const damages = keys.flatMap((key) => damagesOfKey(store, key, entries.get(key)));
  const digests = namesIn(join(store.dir, 'artifacts')) as Digest[];
  const manifests = await manifestsOf(store, digests, onBytes);
  for (const [digest, manifest] of manifests)
    damages.push(...damagesOfArtifact(digest, manifest, namedBy.get(digest) ?? [], entries));
  for (const [digest, named] of namedBy)
    if (!existsSync(artifactDir(store, digest)))
      damages.push({ room: 'artifacts', name: digest, file: null, what: 'is missing', keys: named });
  for (const name of statFiles(store))
    if (!isWholeStatFile(textOf(join(statsDir(store), name)) ?? ''))
      damages.push({ room: 'stats', name, file: null, what: 'is damaged; sources are read anew', keys: [] });
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
  const preImage = textOf(join(dir, 'pre-image.json'));
  if (preImage !== null || entry) {
    const whole = readPreImage(store, key);
    if (!whole || preImage !== preImageText(whole))
      found.push(
        damage(
          'pre-image.json',
          preImage === null ? 'is missing' : 'is not the record behind this key',
          entry !== undefined,
        ),
      );
  }
  for (const [name, { bytes, sha256 }] of Object.entries(entry?.beside ?? {})) {
    if (name === 'pre-image.json') continue;
    const content = bytesOf(join(dir, name));
    if (content?.length !== bytes || sha256Of(content) !== sha256)
      found.push(damage(name, content === null ? 'is missing' : 'is damaged', true));
  }
  return found;
}

/** Everything below `artifacts/` in one go, so that threads share it; two names of one file are read once. */
async function manifestsOf(store: Store, digests: Digest[], onBytes?: OnBytes): Promise<Map<Digest, ManifestLine[]>> {
  const found = digests.map((digest) => ({ digest, files: filesBelow(artifactDir(store, digest)) }));
  const placeOf = ({ stats }: FoundFile): string => `${stats.dev}:${stats.ino}`;
  const once = new Map(
    found.flatMap(({ digest, files }) =>
      files.map((file): [string, { path: string; bytes: number }] => [
        placeOf(file),
        { path: join(artifactDir(store, digest), file.path), bytes: Number(file.stats.size) },
      ]),
    ),
  );
  const sums = await hashFiles([...once.values()], onBytes);
  const sumOf = new Map([...once.keys()].map((place, index) => [place, sums[index]!]));
  const manifest = (files: FoundFile[]): ManifestLine[] =>
    files
      .map((file) => ({ path: file.path, bytes: Number(file.stats.size), sha256: sumOf.get(placeOf(file))! }))
      .sort((a, b) => (a.path < b.path ? -1 : 1));
  return new Map(found.map(({ digest, files }) => [digest, manifest(files)]));
}

/** An artifact is named by what it holds; which of its files is to blame only an entry can tell. */
function damagesOfArtifact(digest: Digest, manifest: ManifestLine[], keys: Key[], entries: Map<Key, Entry>): Damage[] {
  if (digestOf(manifest) === digest) return [];
  const damage = (file: string | null, what: string): Damage => ({ room: 'artifacts', name: digest, file, what, keys });
  const meant = keys[0] === undefined ? null : entries.get(keys[0])!.files;
  if (!meant) return [damage(null, 'does not hold what its name says')];
  const there = new Map(manifest.map((line) => [line.path, line]));
  const wrong = meant.flatMap(({ path, bytes, sha256 }) => {
    const line = there.get(path);
    there.delete(path);
    if (!line) return [damage(path, 'is missing')];
    if (line.bytes !== bytes) return [damage(path, `has ${line.bytes} bytes instead of ${bytes}`)];
    return line.sha256 === sha256 ? [] : [damage(path, 'was changed')];
  });
  return [...wrong, ...[...there.keys()].map((path) => damage(path, 'does not belong there'))];
}

const statFiles = (store: Store): string[] =>
  namesIn(statsDir(store)).filter(
    (name) => statSync(join(statsDir(store), name), { throwIfNoEntry: false })?.isFile() === true,
  );

function namesIn(dir: string): string[] {
  return existsSync(dir)
    ? readdirSync(dir)
        .filter((name) => !name.endsWith(TEMPORARY_SUFFIX))
        .sort()
    : [];
}

function bytesOf(path: string): Buffer | null {
  try {
    return readFileSync(path);
  } catch {
    return null;
  }
}

const textOf = (path: string): string | null => bytesOf(path)?.toString('utf8') ?? null;
