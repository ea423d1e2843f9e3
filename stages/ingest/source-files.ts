import { readdirSync, statSync, type Dirent } from 'node:fs';
import { join } from 'node:path';

/**
 * The files of a source folder that may be read, relative to it; null where the source is a file. What an export brings
 * beside the words stays out: gigabytes of photos need not be hashed, and one more of them is no other source. So does
 * a folder below that may not be listed: the readers name it and go on.
 */
export function sourceFiles(_param: string, path: string): string[] | null {
  return statSync(path).isDirectory() ? filesBelow({ root: path, below: '', depth: 0 }) : null;
}

// -----------------------------------------------------------------------------------------------------------

const MEDIA = /\.(jpe?g|png|gif|webp|heic|bmp|svg|mp4|m4v|mov|avi|3gp|webm|mkv|mp3|m4a|aac|ogg|opus|oga|wav|amr|pdf)$/i;

/** Deeper than this is a loop of links, to the readers too. */
const DEEPEST = 20;

function filesBelow({ root, below, depth }: { root: string; below: string; depth: number }): string[] {
  if (depth > DEEPEST) return [];
  return entriesIn(root, below).flatMap((entry) => {
    const place = below ? `${below}/${entry.name}` : entry.name;
    const found = entry.isSymbolicLink() ? statSync(join(root, place), { throwIfNoEntry: false }) : entry;
    if (found?.isDirectory()) return filesBelow({ root, below: place, depth: depth + 1 });
    return found?.isFile() && !MEDIA.test(entry.name) ? [place] : [];
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
