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

/** The keys of results that were computed from this artifact without verifying it first. */
export function unverifiedReaders(store: Store, artifact: Digest): Key[] {
  return keysIn(store).filter(
    (key) =>
      readEntry(store, key)?.inputsVerified === undefined &&
      Object.values(readPreImage(store, key)?.inputs ?? {}).includes(artifact),
  );
}

/** Artifact → every key that produced it. Several keys may produce the same bytes. */
export function producersIn(store: Store): Map<Digest, Producer[]> {
  const producers = new Map<Digest, Producer[]>();
  for (const key of keysIn(store)) {
    const entry = readEntry(store, key);
    const preImage = entry && readPreImage(store, key);
    if (!entry || !preImage) continue;
    const known = producers.get(entry.artifact) ?? [];
    known.push({ key, preImage, seconds: entry.seconds });
    producers.set(entry.artifact, known);
  }
  return producers;
}

// ---------------------------------------------------------------------------

function keysIn(store: Store): Key[] {
  const dir = join(store.dir, 'keys');
  return existsSync(dir) ? (readdirSync(dir) as Key[]) : [];
}
