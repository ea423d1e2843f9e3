import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import type { Key } from '../pipeline/plan/key.ts';
import { findEntry, keyDir } from './store.ts';
import type { Store } from './store.ts';

export interface StoreHealth {
  entries: number;
  /** entries that speak of what is missing or has another size, or are damaged themselves: their stages are due */
  broken: Key[];
}

/** By names and sizes only, in milliseconds; `verify` reads every byte. */
export function checkStoreHealth(store: Store): StoreHealth {
  const dir = join(store.dir, 'keys');
  const keys = (existsSync(dir) ? readdirSync(dir) : []).filter((key) =>
    existsSync(join(keyDir(store, key as Key), 'entry.json')),
  ) as Key[];
  return { entries: keys.length, broken: keys.filter((key) => findEntry(store, key) === null) };
}
