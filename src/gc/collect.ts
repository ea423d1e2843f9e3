import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { holdersOf } from '../process/lock.ts';
import { artifactDir, keyDir, lockDir, readEntry } from '../store/store.ts';
import type { Store } from '../store/store.ts';
import { openBag, putInBag } from './trash.ts';
import type { TrashBag } from './trash.ts';
import type { GcPlan } from './plan.ts';
import type { Digest, Key } from '../pipeline/plan/key.ts';

/**
 * Moves what was planned into the trash. Entries go first, so that none refers to a missing artifact. What has come
 * into use since the plan was made stays, or is put back.
 */
export function collect(store: Store, plan: GcPlan): TrashBag | null {
  const bag = openBag(store, 'gc');
  for (const { key } of plan.entries) if (isFree(store, key)) putEntryInBag(store, bag, key);
  const inUse = artifactsInEntries(store);
  for (const digest of plan.artifacts) if (!inUse.has(digest)) putInBag(store, bag, `artifacts/${digest}`);
  for (const { name } of plan.parts) putInBag(store, bag, `parts/${name}`);
  for (const { key } of plan.oldWorks) if (isFree(store, key)) putInBag(store, bag, `work/${key}`);
  // A process that published in the meantime may have found an artifact that we then moved into the trash.
  for (const digest of artifactsInEntries(store))
    if (existsSync(join(bag.dir, 'artifacts', digest)) && !existsSync(artifactDir(store, digest)))
      store.disk.rename(join(bag.dir, 'artifacts', digest), artifactDir(store, digest));
  return existsSync(bag.dir) ? bag : null;
}

// ---------------------------------------------------------------------------

const isFree = (store: Store, key: Key): boolean => holdersOf(lockDir(store, key)).length === 0;

/** The pre-image stays: it is small, and a later plan needs it to explain what changed. */
function putEntryInBag(store: Store, bag: TrashBag, key: Key): void {
  putInBag(store, bag, `keys/${key}/entry.json`);
  for (const name of readdirSync(keyDir(store, key)))
    if (name !== 'pre-image.json') putInBag(store, bag, `keys/${key}/${name}`);
}

function artifactsInEntries(store: Store): Set<Digest> {
  return new Set(
    (readdirSync(join(store.dir, 'keys')) as Key[]).flatMap((key) => readEntry(store, key)?.artifact ?? []),
  );
}
