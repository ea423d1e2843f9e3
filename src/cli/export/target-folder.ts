import { existsSync, realpathSync, statSync } from 'node:fs';
import { basename, dirname, join, relative } from 'node:path';
import { UsageError } from '../verb.ts';
import { nearPath } from '../screen/shown-values.ts';

/** Refuses to write into a sealed folder, which must not change. */
export function refuseResults(dir: string, sealed: string[]): void {
  const real = realPathOf(dir);
  for (const folder of sealed) {
    if (existsSync(folder) && !relative(realpathSync(folder), real).startsWith('..'))
      throw new UsageError(`${nearPath(dir)} is inside a stage's result, which must not change; choose another folder`);
  }
  if (existsSync(dir) && !statSync(dir).isDirectory())
    throw new UsageError(`${nearPath(dir)} is a file; choose a folder`);
}

/** The real path of a folder that need not exist yet. */
const realPathOf = (path: string): string =>
  existsSync(path) || dirname(path) === path ? realpathSync(path) : join(realPathOf(dirname(path)), basename(path));

/**
 * What names of files or data sets begin with: the folder's name, without characters that are special in a glob
 * pattern.
 */
export const exportName = (dir: string): string => basename(dir).replace(/[^\p{L}\p{N}_.-]+/gu, '_') || 'tokens';
