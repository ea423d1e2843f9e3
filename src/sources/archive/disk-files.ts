import { lstatSync, readdirSync, statSync, type Dirent, type Stats } from 'node:fs';
import { join } from 'node:path';
import { cannotBeRead } from './tree-file.ts';

export interface DiskFiles {
  /** paths relative to the folder, with `/`, in no particular order */
  files: string[];
  /** what cannot be used, and why */
  refused: { place: string; reason: string }[];
}

/**
 * Every file in a folder and its subfolders, each once: a link to something that is in the folder anyway, or that
 * another link leads to, is left out, so loops end. Links to other places are followed; links to nothing are left out.
 * Refused: folders that cannot be listed, sockets and the like, and names that are not UTF-8. Throws if the folder
 * itself cannot be listed.
 */
export function filesOnDisk(root: string): DiskFiles {
  const walk: Walk = { root, folders: [], files: [], refused: [], links: [], seen: null };
  visit(walk, '');
  if (walk.links.length === 0) return walk;
  walk.seen = new Set([...walk.folders, ...walk.files].map((place) => identity(statSync(join(root, place)))));
  // Links come last and in order, so that the real names win and the outcome does not depend on the disk.
  for (let links = walk.links; links.length > 0; links = walk.links) {
    walk.links = [];
    for (const place of links.sort()) follow(walk, place);
  }
  return walk;
}

interface Walk extends DiskFiles {
  root: string;
  folders: string[];
  /** links that have not been followed yet */
  links: string[];
  /** device and inode of each folder and file so far; null as long as no link makes it necessary to know */
  seen: Set<string> | null;
}

function visit(walk: Walk, below: string): void {
  walk.folders.push(below);
  for (const entry of entriesIn(walk, below)) {
    const place = below ? `${below}/${entry.name}` : entry.name;
    if (entry.name.includes('\ufffd') && !lstatSync(join(walk.root, place), { throwIfNoEntry: false }))
      walk.refused.push({ place, reason: 'its name is not UTF-8: rename it' });
    else if (entry.isSymbolicLink()) walk.links.push(place);
    else if (walk.seen !== null || !(entry.isFile() || entry.isDirectory())) follow(walk, place);
    else add(walk, place, entry);
  }
}

/** Adds what is at `place`, possibly through a link, unless it has been added before. */
function follow(walk: Walk, place: string): void {
  let target: Stats | undefined;
  try {
    target = statSync(join(walk.root, place), { throwIfNoEntry: false });
  } catch {
    return; // links to one another
  }
  if (!target || walk.seen?.has(identity(target))) return;
  walk.seen?.add(identity(target));
  add(walk, place, target);
}

function add(walk: Walk, place: string, found: Stats | Dirent): void {
  if (found.isDirectory()) visit(walk, place);
  else if (found.isFile()) walk.files.push(place);
  else walk.refused.push({ place, reason: 'neither a file nor a folder' });
}

function entriesIn({ root, refused }: Walk, below: string): Dirent[] {
  try {
    return readdirSync(join(root, below), { withFileTypes: true });
  } catch (error) {
    if (below === '') throw error;
    refused.push({ place: below, reason: cannotBeRead(error) });
    return [];
  }
}

const identity = ({ dev, ino }: Stats): string => `${dev}:${ino}`;
