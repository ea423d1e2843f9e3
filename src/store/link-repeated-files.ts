import { existsSync, statSync } from 'node:fs';
import { join } from 'node:path';
import type { Digest } from '../pipeline/plan/key.ts';
import { filesBelow } from './sources/digest.ts';
import type { ManifestLine } from './sources/digest.ts';
import { temporaryName } from '../files/temporary-name.ts';
import { hashFiles } from './sources/hash-files.ts';
import { artifactDir } from './store.ts';
import type { Store } from './store.ts';

/** Linking smaller files would save too little space. */
const WORTH_LINKING_BYTES = 64 << 10;

/**
 * If an output file repeats a file of an input or another output file (weights passed through, or a best checkpoint
 * that is also the last), replaces it by a hard link, so that the store keeps one copy. Input files are hashed first,
 * so that a damaged one is not linked.
 */
export async function linkRepeatedFiles(
  store: Store,
  out: string,
  files: ManifestLine[],
  inputs: Digest[],
): Promise<void> {
  const large = files.filter(({ bytes }) => bytes >= WORTH_LINKING_BYTES);
  if (large.length === 0) return;
  const pathBySum = new Map<string, string>();
  for (const { path, sha256 } of await inputFilesOfSizes(store, inputs, new Set(large.map(({ bytes }) => bytes))))
    pathBySum.set(sha256, path);
  for (const { path, sha256 } of large) {
    const output = join(out, path);
    const existing = pathBySum.get(sha256);
    if (existing === undefined) pathBySum.set(sha256, output);
    else if (!isSameFile(output, existing)) replaceByLink(store, output, existing);
  }
}

// ---------------------------------------------------------------------------

async function inputFilesOfSizes(
  store: Store,
  inputs: Digest[],
  sizes: ReadonlySet<number>,
): Promise<{ path: string; sha256: string }[]> {
  const candidates = [...new Set(inputs)].flatMap((digest) => {
    const dir = artifactDir(store, digest);
    return existsSync(dir)
      ? filesBelow(dir).flatMap(({ path, stats }) =>
          sizes.has(Number(stats.size)) ? [{ path: join(dir, path), bytes: Number(stats.size) }] : [],
        )
      : [];
  });
  const sums = await hashFiles(candidates);
  return candidates.map(({ path }, index) => ({ path, sha256: sums[index]! }));
}

function isSameFile(one: string, other: string): boolean {
  const [a, b] = [statSync(one), statSync(other)];
  return a.ino === b.ino && a.dev === b.dev;
}

/** Keeps the copy if the file system does not support hard links or `existing` has too many of them. */
function replaceByLink({ disk }: Store, output: string, existing: string): void {
  const temporary = temporaryName(output);
  try {
    disk.link(existing, temporary);
  } catch {
    return;
  }
  disk.rename(temporary, output);
}
