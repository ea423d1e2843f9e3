import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import type { Key } from '../pipeline/plan/key.ts';
import { findEntry, keyDir } from './store.ts';
import type { Store } from './store.ts';

export interface StoreHealth {
  entries: number;
  /** entries that are damaged, or whose files are missing or have another size; their stages are due */
  broken: Key[];
}

/** Checks only names and sizes, which takes milliseconds; `verify` reads every byte of the results. */
export function checkStoreHealth(store: Store): StoreHealth {
  const dir = join(store.dir, 'keys');
  const keys = (existsSync(dir) ? readdirSync(dir) : []).filter((key) =>
    existsSync(join(keyDir(store, key as Key), 'entry.json')),
  ) as Key[];
  return { entries: keys.length, broken: keys.filter((key) => findEntry(store, key) === null) };
}
