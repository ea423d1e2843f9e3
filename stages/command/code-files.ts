import { readdirSync, realpathSync, statSync } from 'node:fs';
import { join } from 'node:path';

/** What a folder in `code` holds besides code; the key does not cover it. */
export const NOT_CODE = /^(__pycache__|\.git|\.DS_Store|node_modules|\.venv|.*\.pyc)$/;

/** The files of a folder of scripts, without caches, version control and the like. */
export function codeFiles(path: string): string[] {
  return statSync(path).isDirectory() ? filesBelow(path, '').sort() : [];
}

// -----------------------------------------------------------------------------------------------------------

function filesBelow(root: string, below: string, above: string[] = []): string[] {
  const folder = realpathSync(join(root, below));
  if (above.includes(folder)) return []; // a link to a folder around it
  return readdirSync(join(root, below)).flatMap((name) => {
    if (NOT_CODE.test(name)) return [];
    const path = below ? `${below}/${name}` : name;
    const found = statSync(join(root, path), { throwIfNoEntry: false }); // a link may lead nowhere
    return found?.isDirectory() ? filesBelow(root, path, [...above, folder]) : found ? [path] : [];
  });
}
