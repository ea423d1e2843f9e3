import type { Digest } from '../pipeline/plan/key.ts';
import { unverifiedReaders } from '../store/producers.ts';
import { isIntact } from '../store/sealed-inputs.ts';
import { openBag, putInBag } from './trash.ts';
import type { TrashBag } from './trash.ts';
import type { Store } from '../store/store.ts';
import type { Damage } from './verify.ts';

/**
 * Moves one artifact into the trash, if it is damaged, and the entries of everything that was computed from it before
 * stages verified what they read. Null if it is intact: another run has repaired it.
 */
export async function repairArtifact(store: Store, digest: Digest): Promise<TrashBag | null> {
  if (await isIntact(store, digest)) return null;
  const bag = openBag(store, 'damaged');
  for (const key of unverifiedReaders(store, digest)) putInBag(store, bag, `keys/${key}/entry.json`);
  putInBag(store, bag, `artifacts/${digest}`);
  return bag;
}

/** Moves damaged files into the trash, after the entries that refer to them, so that their stages are due again. */
export function repairStore(store: Store, damages: Damage[]): TrashBag {
  const bag = openBag(store, 'damaged');
  const entries = damages.flatMap(({ keys }) => keys.map((key) => `keys/${key}/entry.json`));
  const damaged = damages.flatMap(({ room, name, file, what }) =>
    room === 'keys' ? [`keys/${name}/${file}`] : what === 'is missing' && file === null ? [] : [`${room}/${name}`],
  );
  for (const path of new Set([...entries, ...damaged])) putInBag(store, bag, path);
  return bag;
}
