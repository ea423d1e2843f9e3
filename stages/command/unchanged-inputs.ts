import { lstatSync, readdirSync } from 'node:fs';
import type { BigIntStats } from 'node:fs';
import { join } from 'node:path';
import { StageInputError } from '../../src/pipeline/stage-kind.ts';

/**
 * Remembers what the input folders look like. The returned function throws if one of them looks different: inputs are
 * sealed, but a program of the same user can write to them all the same. Reads no content.
 */
export function watchInputs(inputs: Record<string, string>): () => void {
  const before = Object.entries(inputs).map(([port, dir]) => ({ port, dir, looks: looksOf(dir) }));
  return () => {
    const changed = before.find(({ dir, looks }) => looksOf(dir) !== looks);
    if (changed)
      throw new StageInputError(
        `the program changed its input "${changed.port}", so its output was discarded`,
        'inputs are sealed: other stages read them too. Let the program copy what it changes to {scratch} or {out} first',
      );
  };
}

// -----------------------------------------------------------------------------------------------------------

/** Without ctime and the number of links: they change when another stage of the store shares a file. */
function looksOf(dir: string): string {
  const lines: string[] = [];
  const visit = (path: string, below: string): void => {
    const stats = lstatSync(path, { bigint: true, throwIfNoEntry: false });
    lines.push(`${JSON.stringify(below)} ${stats ? lookOf(stats) : 'gone'}`);
    if (stats?.isDirectory()) for (const name of readdirSync(path).sort()) visit(join(path, name), `${below}/${name}`);
  };
  visit(dir, '');
  return lines.join('\n');
}

const lookOf = (stats: BigIntStats): string =>
  stats.isDirectory() ? 'folder' : `${stats.ino} ${stats.size} ${stats.mtimeNs}`;
