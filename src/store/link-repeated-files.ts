import { existsSync, statSync } from 'node:fs';
import { join } from 'node:path';
import type { Digest } from '../pipeline/plan/key.ts';
import { filesBelow } from './sources/digest.ts';
import type { ManifestLine } from './sources/digest.ts';
import { temporaryName } from '../files/replace-file.ts';
import { hashFiles } from './sources/hash-files.ts';
import { artifactDir } from './store.ts';
import type { Store } from './store.ts';

/** Smaller files are not worth a second look. */
const WORTH_LINKING_BYTES = 64 << 10;

/**
 * Where an output repeats a file of an input or of its own (weights that were handed on, the best checkpoint that is
 * the last), both become one file with two names: the store never holds a gigabyte twice. The other file is read once
 * more, so that damage is not passed on.
 */
export async function linkRepeatedFiles(
  store: Store,
  out: string,
  files: ManifestLine[],
  inputs: Digest[],
): Promise<void> {
  const wanted = files.filter(({ bytes }) => bytes >= WORTH_LINKING_BYTES);
  if (wanted.length === 0) return;
  const have = new Map<string, string>();
  for (const { path, sha256 } of await sameSized(store, inputs, new Set(wanted.map(({ bytes }) => bytes))))
    have.set(sha256, path);
  for (const { path, sha256 } of wanted) {
    const mine = join(out, path);
    const other = have.get(sha256);
    if (other === undefined) have.set(sha256, mine);
    else if (!isSameFile(mine, other)) replaceByLink(store, mine, other);
  }
}

// ---------------------------------------------------------------------------

async function sameSized(
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

/** A file system without links, or with too many of one file, keeps the copy. */
function replaceByLink({ disk }: Store, mine: string, other: string): void {
  const aside = temporaryName(mine);
  try {
    disk.link(other, aside);
  } catch {
    return;
  }
  disk.rename(aside, mine);
}
