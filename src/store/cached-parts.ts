import { readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';

/** A file in `parts/`; deleting it only costs time. */
export interface CachedPart {
  name: string;
  bytes: number;
  usedMs: number;
}

/** Most recently used first. Files that another process deletes during the call are left out. */
export function listCachedParts(dir: string): CachedPart[] {
  const parts = fileNames(dir).flatMap((name) => {
    const stats = statSync(join(dir, name), { throwIfNoEntry: false });
    return stats?.isFile() ? [{ name, bytes: stats.size, usedMs: stats.mtimeMs }] : [];
  });
  return parts.sort((a, b) => b.usedMs - a.usedMs);
}

// ---------------------------------------------------------------------------

function fileNames(dir: string): string[] {
  try {
    return readdirSync(dir);
  } catch {
    return [];
  }
}
