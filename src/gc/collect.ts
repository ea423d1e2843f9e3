import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { artifactsOf, listPastRuns } from '../history/past-runs.ts';
import type { PastRun } from '../history/past-runs.ts';
import { holdersOf } from '../process/lock.ts';
import { keyDir, lockDir, readEntry } from '../store/store.ts';
import type { Store } from '../store/store.ts';
import { contentsOf, openBag, putInBag, takeFromBag } from './trash.ts';
import type { TrashBag } from './trash.ts';
import { isRunning } from './inventory.ts';
import type { GcPlan } from './plan.ts';
import type { Digest, Key } from '../pipeline/plan/key.ts';

/**
 * Moves what was planned into the trash. Entries go first, so that none refers to a missing artifact. What has come
 * into use since the plan was made stays, or is put back: a run that has found a cached result holds no lock, but names
 * it a moment later.
 */
export async function collect(store: Store, plan: GcPlan, runsDir: string): Promise<TrashBag | null> {
  const bag = openBag(store, 'gc');
  for (const { key } of plan.entries) if (isFree(store, key)) putEntryInBag(store, bag, key);
  const inUse = artifactsInEntries(store);
  for (const digest of plan.artifacts) if (!inUse.has(digest)) putInBag(store, bag, `artifacts/${digest}`);
  for (const { name } of plan.parts) putInBag(store, bag, `parts/${name}`);
  for (const { key } of plan.oldWorks) if (isFree(store, key)) putInBag(store, bag, `work/${key}`);
  const putBack = (): void => {
    putBackNamed(store, bag, namedSince(plan, listPastRuns(runsDir)));
    // a process that published in the meantime may have found an artifact that we then moved
    for (const digest of artifactsInEntries(store)) takeFromBag(store, bag, `artifacts/${digest}`);
  };
  putBack();
  if (listPastRuns(runsDir).some(isRunning)) {
    await sleep(NAMES_WITHIN_MS);
    putBack();
  }
  return existsSync(bag.dir) && contentsOf(bag).length > 0 ? bag : null;
}

// ---------------------------------------------------------------------------

/** A run names what it found in the store within milliseconds. */
const NAMES_WITHIN_MS = 500;

const isFree = (store: Store, key: Key): boolean => holdersOf(lockDir(store, key)).length === 0;

/** The pre-image stays: it is small, and a later plan needs it to explain what changed. */
function putEntryInBag(store: Store, bag: TrashBag, key: Key): void {
  putInBag(store, bag, `keys/${key}/entry.json`);
  for (const name of readdirSync(keyDir(store, key)))
    if (name !== 'pre-image.json') putInBag(store, bag, `keys/${key}/${name}`);
}

/** The keys and artifacts that runs name and did not name when the plan was made. */
function namedSince({ named }: GcPlan, runs: PastRun[]): Set<string> {
  return new Set(
    runs.flatMap((past) => {
      const keys = (past.record?.stages ?? []).flatMap(({ key }) => key ?? []);
      return [...keys, ...artifactsOf(past).values()].filter((name) => !named.get(past.run)?.has(name));
    }),
  );
}

/** Artifacts first, then the entries of a named key or artifact, each after the files beside it. */
function putBackNamed(store: Store, bag: TrashBag, named: Set<string>): void {
  if (named.size === 0) return;
  const inBag: Store = { ...store, dir: bag.dir };
  const isNamed = (path: string): boolean => {
    const [room, name = ''] = path.split('/');
    if (named.has(name)) return true;
    const artifact = room === 'keys' ? readEntry(inBag, name as Key)?.artifact : undefined;
    return artifact !== undefined && named.has(artifact);
  };
  const paths = contentsOf(bag).filter(isNamed);
  const artifacts = paths.flatMap((path) => {
    const artifact = path.startsWith('keys/') ? readEntry(inBag, path.split('/')[1] as Key)?.artifact : undefined;
    return artifact === undefined ? [] : [`artifacts/${artifact}`];
  });
  for (const path of new Set([...artifacts, ...paths])) takeFromBag(store, bag, path);
}

function artifactsInEntries(store: Store): Set<Digest> {
  return new Set(
    (readdirSync(join(store.dir, 'keys')) as Key[]).flatMap((key) => readEntry(store, key)?.artifact ?? []),
  );
}
