import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { listCachedParts } from './cached-parts.ts';

/** Packs that have not been used for this long are deleted. */
const MAX_UNUSED_MS = 30 * 86_400_000;
/** Beyond this total, the least recently used packs are deleted. */
const MAX_BYTES = 4e9;
/** Incomplete files, which do not end in `.pack`, belong to a dead process after this time. */
const MAX_PARTIAL_MS = 3_600_000;

export interface SweepOptions {
  nowMs?: number;
  maxBytes?: number;
}

/**
 * Limits the age and total size of `parts/`. Never throws: parts are only a cache, and another process may sweep at the
 * same moment.
 */
export function sweepParts(dir: string, { nowMs = Date.now(), maxBytes = MAX_BYTES }: SweepOptions = {}): void {
  let left = maxBytes;
  for (const { name, bytes, usedMs } of listCachedParts(dir)) {
    left -= bytes;
    if (left < 0 || nowMs - usedMs > (name.endsWith('.pack') ? MAX_UNUSED_MS : MAX_PARTIAL_MS)) remove(join(dir, name));
  }
}

// ---------------------------------------------------------------------------

function remove(path: string): void {
  try {
    rmSync(path, { force: true });
  } catch {
    // a failing disk; the next sweep tries again
  }
}
