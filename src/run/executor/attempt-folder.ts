import { mkdirSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { removeTree } from '../../files/remove-tree.ts';
import { endDescendants, newMark } from '../../process/descendants.ts';
import type { Mark } from '../../process/descendants.ts';

export interface AttemptFolders {
  /** marks what this attempt starts */
  mark: Mark;
  /** `out-<mark>`: empty, and of this attempt alone */
  outDir: string;
  /** shared by all attempts */
  scratchDir: string;
}

/**
 * Begins an attempt in a work folder: ends whatever earlier attempts left running, deletes their output, and makes a
 * folder for ours. The caller holds the lock of the key. Throws a DescendantLeft if a process does not end.
 */
export async function beginAttempt(workDir: string): Promise<AttemptFolders> {
  const earlier = marksIn(workDir);
  await endDescendants(earlier);
  // earlier versions had one `out` for all attempts
  for (const name of ['out', ...earlier.map(outName)]) removeTree(join(workDir, name));
  const mark = newMark();
  const [outDir, scratchDir] = [join(workDir, outName(mark)), join(workDir, 'scratch')];
  for (const dir of [outDir, scratchDir]) mkdirSync(dir, { recursive: true });
  return { mark, outDir, scratchDir };
}

/** The marks of all attempts that left a folder here. A sealed stage has left none. */
export function marksIn(workDir: string): Mark[] {
  try {
    return readdirSync(workDir).flatMap((name) => /^out-([0-9a-f]{13})$/.exec(name)?.[1] ?? []);
  } catch {
    return [];
  }
}

// ---------------------------------------------------------------------------

const outName = (mark: Mark): string => `out-${mark}`;
