import { openBag, putInBag } from './trash.ts';
import type { TrashBag } from './trash.ts';
import type { Store } from '../store/store.ts';
import type { Damage } from './verify.ts';

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
