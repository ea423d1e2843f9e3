import { readdirSync, statSync, type Dirent } from 'node:fs';
import { join } from 'node:path';

/**
 * The files of a source folder that the readers may use, as paths relative to it; null if the source is a file. Media
 * files are left out: hashing gigabytes of photos would take long, and adding one does not change the conversations.
 * Subfolders that may not be listed are left out too; the readers report and skip them.
 */
export function sourceFiles(_param: string, path: string): string[] | null {
  return statSync(path).isDirectory() ? filesBelow({ root: path, below: '', depth: 0 }) : null;
}

// -----------------------------------------------------------------------------------------------------------

const MEDIA = /\.(jpe?g|png|gif|webp|heic|bmp|svg|mp4|m4v|mov|avi|3gp|webm|mkv|mp3|m4a|aac|ogg|opus|oga|wav|amr|pdf)$/i;

/** Anything deeper is taken for a loop of links. The readers use the same limit. */
const MAX_DEPTH = 20;

function filesBelow({ root, below, depth }: { root: string; below: string; depth: number }): string[] {
  if (depth > MAX_DEPTH) return [];
  return entriesIn(root, below).flatMap((entry) => {
    const path = below ? `${below}/${entry.name}` : entry.name;
    const found = entry.isSymbolicLink() ? statSync(join(root, path), { throwIfNoEntry: false }) : entry;
    if (found?.isDirectory()) return filesBelow({ root, below: path, depth: depth + 1 });
    return found?.isFile() && !MEDIA.test(entry.name) ? [path] : [];
  });
}

function entriesIn(root: string, below: string): Dirent[] {
  try {
    return readdirSync(join(root, below), { withFileTypes: true });
  } catch (error) {
    if (below === '') throw error;
    return [];
  }
}
