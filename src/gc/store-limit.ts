import type { Key } from '../pipeline/plan/key.ts';
import { partsDir, readEntry } from '../store/store.ts';
import type { Store } from '../store/store.ts';
import { partsBytes, storeBytes, takeInventory } from './inventory.ts';
import { bytesText, parseBytes } from '../store/sizes.ts';
import { StoreError } from '../store/store-error.ts';
import { sweepParts } from '../store/sweep-parts.ts';

/** `RUNNER_STORE_LIMIT=50GB`: how large the store may become; null if nobody said. */
export function storeLimit(env: NodeJS.ProcessEnv = process.env): number | null {
  const text = env['RUNNER_STORE_LIMIT'];
  if (text === undefined || text === '') return null;
  const bytes = parseBytes(text);
  if (bytes === null) throw new StoreError(`RUNNER_STORE_LIMIT takes a size like 50GB, not "${text}"`);
  return bytes;
}

/** A stage that is about to run, by the key that it had when it last did. */
export interface DueStage {
  name: string;
  lastKey: Key | null;
}

/**
 * Throws if a run would make the store larger than allowed. What a stage will write is taken to be what it last wrote:
 * nothing is known of one that never ran, so a store that is full already stops it, too. Parts make room first, for
 * they only save time.
 */
export function checkStoreLimit(store: Store, runsDir: string, due: DueStage[], limit = storeLimit()): void {
  if (limit === null || due.length === 0) return;
  const inventory = takeInventory(store, runsDir, {});
  const more = due.reduce((total, { lastKey }) => total + bytesOf(store, lastKey), 0);
  const now = storeBytes(inventory);
  const fits = (bytes: number): boolean => bytes + more <= limit && bytes < limit;
  if (fits(now)) return;
  const withoutParts = now - partsBytes(inventory);
  if (fits(withoutParts)) return sweepParts(partsDir(store), { mostBytes: limit - withoutParts - Math.max(1, more) });
  const names =
    due
      .slice(0, 3)
      .map(({ name }) => name)
      .join(', ') + (due.length > 3 ? ' …' : '');
  throw new StoreError(
    `the store holds ${bytesText(now)}, and what is due (${names}) wrote ${bytesText(more)} when it last ran: more than RUNNER_STORE_LIMIT, ${bytesText(limit)}\n  hint: ./runner gc --max-size ${bytesText(Math.max(0, limit - more)).replace(' ', '')}  says what could go`,
  );
}

// ---------------------------------------------------------------------------

function bytesOf(store: Store, key: Key | null): number {
  const files = key === null ? [] : (readEntry(store, key)?.files ?? []);
  return files.reduce((total, { bytes }) => total + bytes, 0);
}
