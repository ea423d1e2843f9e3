import { calledAs } from '../files/called-as.ts';
import type { Key } from '../pipeline/plan/key.ts';
import { partsDir, readEntry } from '../store/store.ts';
import type { Store } from '../store/store.ts';
import { partsBytes, storeBytes, takeInventory } from './inventory.ts';
import { bytesText, parseBytes } from '../store/sizes.ts';
import { StoreError } from '../store/store-error.ts';
import { sweepParts } from '../store/sweep-parts.ts';

/** The maximum size of the store in bytes, from `RUNNER_STORE_LIMIT=50GB`; null if it is not set. */
export function storeLimit(env: NodeJS.ProcessEnv = process.env): number | null {
  const text = env['RUNNER_STORE_LIMIT'];
  if (text === undefined || text === '') return null;
  const bytes = parseBytes(text);
  if (bytes === null) throw new StoreError(`RUNNER_STORE_LIMIT takes a size like 50GB, not "${text}"`);
  return bytes;
}

/** A stage that is about to run, with the key it had when it last ran. */
export interface DueStage {
  name: string;
  lastKey: Key | null;
}

/**
 * Throws if a run would make the store larger than the limit. Assumes that a stage writes as many bytes as last time,
 * and none if it has never run; any stage is refused if the store is already full. Deletes cached parts first to make
 * room.
 */
export function checkStoreLimit(store: Store, runsDir: string, due: DueStage[], limit = storeLimit()): void {
  if (limit === null || due.length === 0) return;
  const inventory = takeInventory(store, runsDir, {});
  const more = due.reduce((total, { lastKey }) => total + bytesOfEntry(store, lastKey), 0);
  const now = storeBytes(inventory);
  const fits = (bytes: number): boolean => bytes + more <= limit && bytes < limit;
  if (fits(now)) return;
  const withoutParts = now - partsBytes(inventory);
  if (fits(withoutParts)) return sweepParts(partsDir(store), { maxBytes: limit - withoutParts - Math.max(1, more) });
  const names =
    due
      .slice(0, 3)
      .map(({ name }) => name)
      .join(', ') + (due.length > 3 ? ' …' : '');
  throw new StoreError(
    `the store would exceed RUNNER_STORE_LIMIT, ${bytesText(limit)}: it holds ${bytesText(now)}, and the stages to run (${names}) wrote ${bytesText(more)} last time\n  hint: ${calledAs()} gc --max-size ${bytesText(Math.max(0, limit - more)).replace(' ', '')}  lists what can be deleted`,
  );
}

// ---------------------------------------------------------------------------

function bytesOfEntry(store: Store, key: Key | null): number {
  const files = key === null ? [] : (readEntry(store, key)?.files ?? []);
  return files.reduce((total, { bytes }) => total + bytes, 0);
}
