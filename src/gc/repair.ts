import { openBag, putInBag } from './trash.ts';
import type { TrashBag } from './trash.ts';
import type { Store } from '../store/store.ts';
import type { Damage } from './verify.ts';

/**
 * Moves what is damaged into the trash, entries before artifacts, so that every entry that spoke of it is a miss and
 * its stage due.
 */
export function repairStore(store: Store, damages: Damage[]): TrashBag {
  const bag = openBag(store, 'damaged');
  const entries = damages.flatMap(({ keys }) => keys.map((key) => `keys/${key}/entry.json`));
  const things = damages.flatMap(({ room, name, file, what }) =>
    room === 'keys' ? [`keys/${name}/${file}`] : what === 'is missing' && file === null ? [] : [`${room}/${name}`],
  );
  for (const path of new Set([...entries, ...things])) putInBag(store, bag, path);
  return bag;
}
