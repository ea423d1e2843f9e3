import { readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { cannotBeRead, diskFile, type Tree } from './tree-file.ts';
import { filesInZip } from './zip-tree.ts';

/**
 * Lists the files below a folder or in a .zip whose relative path is `wanted`. Zip files directly in the folder are
 * parts of one download, and each is listed like a folder, `part-1.zip/…`. Symbolic links on disk are followed. Throws
 * if `path` itself cannot be read.
 */
export async function openTree(path: string, wanted: (place: string) => boolean): Promise<Tree> {
  const tree: Tree = { files: [], refused: [] };
  if (statSync(path).isDirectory()) await addFolder({ path, place: '', depth: 0 }, wanted, tree);
  else if (isZip(path)) add(tree, await filesInZip(path, '', wanted));
  tree.files.sort((a, b) => (a.place < b.place ? -1 : 1));
  return tree;
}

export function isZip(path: string): boolean {
  return path.toLowerCase().endsWith('.zip');
}

/** Deeper folders are assumed to be a loop of links. */
const DEEPEST = 20;

interface Folder {
  path: string;
  place: string;
  depth: number;
}

async function addFolder(
  { path, place, depth }: Folder,
  wanted: (place: string) => boolean,
  tree: Tree,
): Promise<void> {
  if (depth > DEEPEST) return;
  const names = directoryNames(path, place, tree);
  for (const name of names) {
    const inside = { path: join(path, name), place: place ? `${place}/${name}` : name, depth: depth + 1 };
    const found = statSync(inside.path, { throwIfNoEntry: false });
    if (found?.isDirectory()) await addFolder(inside, wanted, tree);
    else if (found?.isFile() && depth === 0 && isZip(name))
      add(tree, await filesInZip(inside.path, inside.place, wanted));
    else if (found?.isFile() && wanted(inside.place)) tree.files.push(diskFile(inside.path, inside.place, found.size));
  }
}

function directoryNames(path: string, place: string, tree: Tree): string[] {
  try {
    return readdirSync(path);
  } catch (error) {
    if (place === '') throw error;
    tree.refused.push({ place, reason: cannotBeRead(error) });
    return [];
  }
}

function add(tree: Tree, { files, refused }: Tree): void {
  for (const file of files) tree.files.push(file);
  tree.refused.push(...refused);
}
