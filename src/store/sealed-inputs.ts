import { statSync } from 'node:fs';
import { join } from 'node:path';
import type { Digest } from '../pipeline/plan/key.ts';
import { digestOf, filesBelow, manifestOf } from './sources/digest.ts';
import { artifactDir, statsDir } from './store.ts';
import type { Store } from './store.ts';

/**
 * Whether an artifact's content still has its digest. The stat cache makes this cheap: a file is read again only if its
 * size, times or inode differ from those at which it was last hashed, and nobody can restore the change time.
 */
export async function isIntact(store: Store, digest: Digest): Promise<boolean> {
  const dir = artifactDir(store, digest);
  try {
    return digestOf(await manifestOf(dir, { statsDir: statsDir(store), cacheName: `artifact ${digest}` })) === digest;
  } catch (error) {
    if (isAbsent(error)) return false;
    throw error;
  }
}

/** The files of a sealed folder or a source, with what changes whenever somebody writes to them. */
export function appearanceOf(path: string, files: string[] | null = null): string {
  const stats = statSync(path, { bigint: true });
  const found = !stats.isDirectory()
    ? [{ path: '', stats }]
    : files
      ? files.map((name) => ({ path: name, stats: statSync(join(path, name), { bigint: true }) }))
      : filesBelow(path);
  return found
    .map(({ path: name, stats: { size, mtimeNs, ctimeNs, ino, dev } }) =>
      [size, mtimeNs, ctimeNs, ino, dev, name].join(' '),
    )
    .sort()
    .join('\n');
}

// ---------------------------------------------------------------------------

/** Something was removed, or is no longer a plain file or folder: not a failing disk. */
function isAbsent(error: unknown): boolean {
  const { code } = error as NodeJS.ErrnoException;
  return code === undefined || code === 'ENOENT' || code === 'ENOTDIR' || code === 'ELOOP';
}
