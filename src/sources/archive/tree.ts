import { statSync } from 'node:fs';
import { join } from 'node:path';
import { filesOnDisk } from './disk-files.ts';
import { diskFile, type Tree } from './tree-file.ts';
import { filesInZip } from './zip-tree.ts';

/**
 * Lists the files below a folder or in a .zip whose relative path is `wanted`. Zip files directly in the folder are
 * parts of one download, and each is listed like a folder, `part-1.zip/…`. Links are treated as in `filesOnDisk`.
 * Throws if `path` itself cannot be read.
 */
export async function openTree(path: string, wanted: (place: string) => boolean): Promise<Tree> {
  const tree: Tree = { files: [], refused: [] };
  if (statSync(path).isDirectory()) await addFolder(path, wanted, tree);
  else if (isZip(path)) add(tree, await filesInZip(path, '', wanted));
  tree.files.sort((a, b) => (a.place < b.place ? -1 : 1));
  return tree;
}

export function isZip(path: string): boolean {
  return path.toLowerCase().endsWith('.zip');
}

async function addFolder(path: string, wanted: (place: string) => boolean, tree: Tree): Promise<void> {
  const { files, refused } = filesOnDisk(path);
  tree.refused.push(...refused);
  for (const place of files) {
    const inside = join(path, place);
    if (!place.includes('/') && isZip(place)) add(tree, await filesInZip(inside, place, wanted));
    else if (wanted(place)) tree.files.push(diskFile(inside, place, statSync(inside).size));
  }
}

function add(tree: Tree, { files, refused }: Tree): void {
  for (const file of files) tree.files.push(file);
  tree.refused.push(...refused);
}
