import { existsSync, readdirSync } from 'node:fs';
import { basename, dirname, join, relative } from 'node:path';
import { projectFolder } from '../../files/project-folder.ts';
import { projectRoot } from '../../files/project-root.ts';
import { nearest } from '../../pipeline/diagnostic/nearest.ts';

/** The pipeline file that was meant: with another ending, in `pipelines/`, or of a similar name; null if there is none. */
export function meantFile(file: string): string | null {
  const dir = dirname(file);
  const roots = [...new Set([projectFolder(), projectRoot()])].map(seenFromHere);
  const folders = [dir, join(dir, 'pipelines'), ...roots.flatMap((root) => [join(root, 'pipelines'), root])];
  const stem = basename(file).replace(/\.ya?ml$/, '');
  for (const folder of folders)
    for (const ending of ['.yaml', '.yml']) {
      const path = join(folder, `${stem}${ending}`);
      if (existsSync(path)) return path;
    }
  for (const folder of folders) {
    const near = nearest(`${stem}.yaml`, yamlFiles(folder));
    if (near !== null) return join(folder, near);
  }
  return null;
}

// ---------------------------------------------------------------------------

function seenFromHere(root: string): string {
  const near = relative(process.cwd(), root);
  return near.startsWith('..') ? root : near || '.';
}

function yamlFiles(folder: string): string[] {
  try {
    return readdirSync(folder).filter((name) => /\.ya?ml$/.test(name) && !name.startsWith('.'));
  } catch {
    return [];
  }
}
