import { readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import type { SourceFile } from './source.ts';

/** The file itself, or all files below the folder whose names end so, sorted by place. Links are followed. */
export function filesBelow(path: string, ending: string): SourceFile[] {
  const found = statSync(path);
  if (!found.isDirectory()) return [{ path, place: '', bytes: found.size }];
  return collect(path, '', ending, 0).sort((a, b) => (a.place < b.place ? -1 : 1));
}

/** Deeper than this is a loop of links. */
const DEEPEST = 20;

function collect(root: string, below: string, ending: string, depth: number): SourceFile[] {
  if (depth > DEEPEST) return [];
  return readdirSync(join(root, below)).flatMap((name) => {
    const place = below ? `${below}/${name}` : name;
    const path = join(root, place);
    const found = statSync(path, { throwIfNoEntry: false });
    if (found?.isDirectory()) return collect(root, place, ending, depth + 1);
    return found?.isFile() && name.toLowerCase().endsWith(ending) ? [{ path, place, bytes: found.size }] : [];
  });
}
