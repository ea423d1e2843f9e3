import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { Digest } from '../../pipeline/plan/key.ts';
import { readJson } from '../../files/read-file.ts';
import { replaceFileDurably } from '../../files/replace-file.ts';

/**
 * Writes `manifests/<digest>.json` beside the stat caches: the files of a source folder with this digest. Used only to
 * explain later which files changed.
 */
export function rememberManifest(
  statsDir: string,
  digest: Digest,
  manifest: { path: string; bytes: number; sha256: string }[],
): void {
  const path = pathOf(statsDir, digest);
  if (existsSync(path)) return;
  try {
    replaceFileDurably(path, JSON.stringify(manifest.map(({ path: file, bytes, sha256 }) => [file, bytes, sha256])));
  } catch {
    // a full or read-only disk; the plan works without it
  }
}

export interface FileChanges {
  changed: string[];
  added: string[];
  removed: string[];
}

/** The files that differ between two versions of a source folder; null if the manifest of either is missing. */
export function changedFiles(statsDir: string, before: Digest, after: Digest): FileChanges | null {
  const [old, now] = [before, after].map((digest) => readJson<[string, number, string][]>(pathOf(statsDir, digest)));
  if (!old || !now) return null;
  const oldSums = new Map(old.map(([path, , sha256]) => [path, sha256]));
  const nowSums = new Map(now.map(([path, , sha256]) => [path, sha256]));
  return {
    changed: [...nowSums].flatMap(([path, sum]) => (oldSums.has(path) && oldSums.get(path) !== sum ? [path] : [])),
    added: [...nowSums.keys()].filter((path) => !oldSums.has(path)),
    removed: [...oldSums.keys()].filter((path) => !nowSums.has(path)),
  };
}

// ---------------------------------------------------------------------------

const pathOf = (statsDir: string, digest: Digest): string => join(statsDir, 'manifests', `${digest}.json`);
