import { readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';

/** A file in `parts/`: some of what only saves time. */
export interface CachedPart {
  name: string;
  bytes: number;
  usedMs: number;
}

/** Those used last come first; what another process takes meanwhile is left out. */
export function listCachedParts(dir: string): CachedPart[] {
  const held = namesIn(dir).flatMap((name) => {
    const stats = statSync(join(dir, name), { throwIfNoEntry: false });
    return stats?.isFile() ? [{ name, bytes: stats.size, usedMs: stats.mtimeMs }] : [];
  });
  return held.sort((a, b) => b.usedMs - a.usedMs);
}

// ---------------------------------------------------------------------------

function namesIn(dir: string): string[] {
  try {
    return readdirSync(dir);
  } catch {
    return [];
  }
}
