import { existsSync, mkdirSync, readdirSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { filesInside } from './files-inside.ts';
import { syncPath } from '../files/sync.ts';
import { trashDir } from '../store/store.ts';
import type { Store } from '../store/store.ts';

/**
 * `trash/<time>-<why>/` has the same layout as the store: `artifacts/…`, `keys/<key>/entry.json`, `work/…`; and
 * `runs/…`, which are beside the store. Files are moved by renaming, so each is either in the store or in the trash,
 * even if the process dies.
 */
export interface TrashBag {
  /** the folder's name */
  bag: string;
  dir: string;
  why: 'gc' | 'damaged' | 'removed';
}

export function openBag(store: Store, why: TrashBag['why']): TrashBag {
  const stamp = new Date().toISOString().replace(/[-:.]/g, '').replace('T', '-').slice(0, 18);
  const bag = `${stamp}-${why}`;
  return { bag, dir: join(trashDir(store), bag), why };
}

/** Newest first. */
export function bagsIn(store: Store): TrashBag[] {
  return sortedNames(trashDir(store))
    .reverse()
    .flatMap((bag) =>
      WHYS.filter((why) => bag.endsWith(`-${why}`)).map((why) => ({ bag, dir: join(trashDir(store), bag), why })),
    );
}

/** `path` is relative to the store: `artifacts/<digest>`. It is not an error if it no longer exists. */
export function putInBag(store: Store, bag: TrashBag, path: string): void {
  move(store, placeOf(store, path), join(bag.dir, path));
}

/**
 * Moves everything back into the store, except what exists there again. Artifacts go before the entries that refer to
 * them. Returns the paths that were restored and those that stay in the trash.
 */
export function restoreBag(store: Store, bag: TrashBag): { restored: string[]; kept: string[] } {
  const restored: string[] = [];
  const kept: string[] = [];
  for (const path of contentsOf(bag)) {
    const target = placeOf(store, path);
    if (existsSync(target)) kept.push(path);
    else {
      move(store, join(bag.dir, path), target);
      restored.push(path);
    }
  }
  if (kept.length === 0) store.disk.remove(bag.dir);
  return { restored, kept };
}

/** Moves one thing back into the store, unless it exists there again. */
export function takeFromBag(store: Store, bag: TrashBag, path: string): void {
  if (existsSync(join(bag.dir, path)) && !existsSync(placeOf(store, path)))
    move(store, join(bag.dir, path), placeOf(store, path));
}

/** Relative paths of the units that are moved: whole artifacts and work folders, single files of keys, entries last. */
export function contentsOf({ dir }: TrashBag): string[] {
  const whole = (folder: string): string[] => sortedNames(join(dir, folder)).map((name) => `${folder}/${name}`);
  const files = sortedNames(join(dir, 'keys')).flatMap((key) =>
    sortedNames(join(dir, 'keys', key)).map((name) => `keys/${key}/${name}`),
  );
  const isEntry = (path: string): boolean => path.endsWith('/entry.json');
  return [
    ...whole('artifacts'),
    ...whole('work'),
    ...whole('stats'),
    ...whole('parts'),
    ...whole('runs'),
    ...files.filter((path) => !isEntry(path)),
    ...files.filter(isEntry),
  ];
}

/** Size of the trash on the disk; a file with two names counts once. */
export function trashBytes(store: Store): number {
  const files = filesInside(trashDir(store));
  const sizes = new Map(files.map(({ dev, ino, size }) => [`${dev}:${ino}`, Number(size)]));
  return [...sizes.values()].reduce((total, bytes) => total + bytes, 0);
}

export function emptyTrash(store: Store): void {
  store.disk.remove(trashDir(store));
}

// ---------------------------------------------------------------------------

const WHYS = ['gc', 'damaged', 'removed'] as const;

/** `path` of a bag → its place in the store, or beside it. */
const placeOf = (store: Store, path: string): string =>
  path.startsWith('runs/') ? join(dirname(store.dir), path.slice('runs/'.length)) : join(store.dir, path);

function move({ disk }: Store, from: string, to: string): void {
  mkdirSync(dirname(to), { recursive: true });
  try {
    disk.rename(from, to);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
  }
  syncPath(dirname(to), disk);
}

function sortedNames(dir: string): string[] {
  try {
    return readdirSync(dir).sort();
  } catch {
    return []; // missing, or not a folder
  }
}
