import { createHash } from 'node:crypto';
import { readdirSync, statSync } from 'node:fs';
import type { BigIntStats } from 'node:fs';
import { join } from 'node:path';
import type { Digest } from '../../pipeline/plan/key.ts';
import { sha256Of } from '../../files/sha256.ts';
import { hashFiles } from './hash-files.ts';
import { filesAndLinks, type FoundFile } from './source-tree.ts';
import { rememberManifest } from './source-manifests.ts';
import { openStatCache } from './stat-cache.ts';
import type { StatCache } from './stat-cache.ts';

/** One file of a sealed folder. */
export interface ManifestLine {
  /** relative, with `/` */
  path: string;
  bytes: number;
  sha256: string;
}

export type OnBytes = (done: number, total: number) => void;

/**
 * Every file in a folder and its subfolders, sorted by path, with size and hash. Symbolic links are followed. With a
 * stat cache of that name, only files that changed since the last time are read.
 */
export async function manifestOf(
  dir: string,
  cached?: { statsDir: string; cacheName: string },
): Promise<ManifestLine[]> {
  const cache = cached ? openStatCache({ dir: cached.statsDir, source: cached.cacheName }) : null;
  const manifest = await hashed(dir, filesBelow(dir), cache);
  cache?.save();
  return manifest;
}

/** A folder's digest. It covers the names and contents of the files, but not their times, modes or location. */
export function digestOf(manifest: ManifestLine[]): Digest {
  const hash = createHash('sha256').update('folder/1\n');
  for (const { path, bytes, sha256 } of manifest) hash.update(`${sha256} ${bytes} ${JSON.stringify(path)}\n`);
  return hash.digest('hex') as Digest;
}

/** The digest of a folder without files. */
export const EMPTY_FOLDER: Digest = digestOf([]);

export interface DigestOptions {
  /** folder of the stat caches; if given, only files that changed since the last time are read */
  statsDir?: string;
  onBytes?: OnBytes;
  /** milliseconds since 1970 */
  now?: () => number;
}

/**
 * The digest of a user's file or folder: of a file's content, or of the names and contents of a folder's files. `files`
 * limits it to some files of the folder.
 */
export async function digestSource(
  path: string,
  files: string[] | null = null,
  { statsDir, onBytes, now }: DigestOptions = {},
): Promise<Digest> {
  const cache = statsDir === undefined ? null : openStatCache({ dir: statsDir, source: path, now });
  const stats = statSync(path, { bigint: true });
  const found = stats.isDirectory()
    ? (files?.map((name) => ({ path: name, stats: statSync(join(path, name), { bigint: true }) })) ??
      filesAndLinks(path))
    : [{ path: '', stats }];
  const manifest = await hashed(path, found, cache, onBytes);
  cache?.save();
  if (!stats.isDirectory()) return manifest[0]!.sha256 as Digest;
  const digest = digestOf(manifest);
  if (statsDir !== undefined) rememberManifest(statsDir, digest, manifest);
  return digest;
}

/** Every file in a folder and its subfolders, in no particular order; links are followed. */
export function filesBelow(root: string): FoundFile[] {
  const found: FoundFile[] = [];
  const visit = (below: string, above: string[]): void => {
    for (const entry of readdirSync(join(root, below), { withFileTypes: true })) {
      const path = below ? `${below}/${entry.name}` : entry.name;
      if (entry.isDirectory()) {
        visit(path, above);
        continue;
      }
      const stats = statSync(`${root}/${path}`, { bigint: true });
      if (!stats.isDirectory()) found.push({ path, stats });
      else visit(path, enter(path, stats, above));
    }
  };
  visit('', []);
  return found;
}

// ---------------------------------------------------------------------------

/** The folders above `path` and itself. Throws if a link leads back to one of them. */
function enter(path: string, { dev, ino }: BigIntStats, above: string[]): string[] {
  const id = `${dev}:${ino}`;
  if (above.includes(id)) throw new Error(`${path} is a link to a folder that contains it`);
  return [...above, id];
}

async function hashed(
  root: string,
  found: FoundFile[],
  cache: StatCache | null,
  onBytes?: OnBytes,
): Promise<ManifestLine[]> {
  const sorted = [...found].sort((a, b) => (a.path < b.path ? -1 : 1));
  const odd = sorted.find(({ stats, link }) => !stats.isFile() && link === undefined);
  if (odd) throw new Error(`${join(root, odd.path)} is neither a file nor a folder`);
  const lines = sorted.map(({ path, stats, link }): ManifestLine => ({
    path,
    bytes: Number(stats.size),
    sha256: link === undefined ? (cache?.lookup(path, stats) ?? '') : sha256Of(`link to ${link}`),
  }));
  const unknown = lines.flatMap(({ sha256 }, index) => (sha256 === '' ? [index] : []));
  const sums = await hashFiles(
    unknown.map((index) => ({ path: join(root, lines[index]!.path), bytes: lines[index]!.bytes })),
    onBytes,
  );
  for (const [nth, index] of unknown.entries()) {
    const { path, stats } = sorted[index]!;
    const after = statSync(join(root, path), { bigint: true });
    if (after.size !== stats.size || after.mtimeNs !== stats.mtimeNs)
      throw new Error(`${join(root, path)} changed while it was being read; run again once it is complete`);
    lines[index]!.sha256 = sums[nth]!;
    cache?.record(path, stats, sums[nth]!);
  }
  return lines;
}
