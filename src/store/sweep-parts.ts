import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { listCachedParts } from './cached-parts.ts';

/**
 * Packs that were not used for so long are swept; then those that were used longest ago, until the rest takes no more
 * than this.
 */
const OLDEST_MS = 30 * 86_400_000;
const MOST_BYTES = 4e9;
/** What a dead process left half-written, under any other name than a pack's. */
const OLD_PARTIAL_MS = 3_600_000;

export interface Sweeping {
  nowMs?: number;
  mostBytes?: number;
}

/**
 * Keeps `parts/` bounded. Never throws: nothing depends on a part, nor on its being gone; another process may sweep at
 * the same moment.
 */
export function sweepParts(dir: string, { nowMs = Date.now(), mostBytes = MOST_BYTES }: Sweeping = {}): void {
  let left = mostBytes;
  for (const { name, bytes, usedMs } of listCachedParts(dir)) {
    left -= bytes;
    if (left < 0 || nowMs - usedMs > (name.endsWith('.pack') ? OLDEST_MS : OLD_PARTIAL_MS)) remove(join(dir, name));
  }
}

// ---------------------------------------------------------------------------

function remove(path: string): void {
  try {
    rmSync(path, { force: true });
  } catch {
    // a disk in trouble: the next sweep tries again
  }
}
