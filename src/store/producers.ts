import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import type { Digest, Key, PreImage } from '../pipeline/plan/key.ts';
import { readEntry, readPreImage } from './store.ts';
import type { Store } from './store.ts';

export interface Producer {
  key: Key;
  preImage: PreImage;
  /** duration of the stage */
  seconds: number;
}

/** Artifact → every key that produced it. Several keys may produce the same bytes. */
export function producersIn(store: Store): Map<Digest, Producer[]> {
  const producers = new Map<Digest, Producer[]>();
  const keysDir = join(store.dir, 'keys');
  for (const name of existsSync(keysDir) ? readdirSync(keysDir) : []) {
    const key = name as Key;
    const entry = readEntry(store, key);
    const preImage = entry && readPreImage(store, key);
    if (!entry || !preImage) continue;
    const known = producers.get(entry.artifact) ?? [];
    known.push({ key, preImage, seconds: entry.seconds });
    producers.set(entry.artifact, known);
  }
  return producers;
}
