import { chmodSync, constants, copyFileSync, lstatSync, renameSync } from 'node:fs';
import { join } from 'node:path';
import { openFolders } from '../../src/files/remove-tree.ts';
import { StageInputError } from '../../src/pipeline/stage-kind.ts';
import { plainFiles } from './check-output.ts';

/**
 * Makes the output of a program ours alone, and readable: it may have left folders and files that even we may not read
 * or move. Throws a StageInputError for what cannot be sealed.
 */
export function takeOver(dir: string): void {
  try {
    openFolders(dir);
    const files = plainFiles(dir);
    ownFiles(dir, files);
    for (const file of files) makeReadable(join(dir, file));
  } catch (error) {
    if (!['EACCES', 'EPERM'].includes((error as NodeJS.ErrnoException).code ?? '')) throw error;
    throw new StageInputError(
      'some of what the program left in {out} belongs to another user, so it cannot be sealed',
      'let the program write as the user that runs it',
    );
  }
}

// -----------------------------------------------------------------------------------------------------------

function makeReadable(path: string): void {
  const { mode } = lstatSync(path);
  if ((mode & 0o400) === 0) chmodSync(path, mode | 0o400);
}

/**
 * Replaces each file that has a second name by a copy. The other name may be the user's: whoever writes to it would
 * change the sealed artifact, and sealing would make it read-only.
 */
function ownFiles(dir: string, files: readonly string[]): void {
  for (const file of files) {
    const path = join(dir, file);
    if (lstatSync(path).nlink < 2) continue;
    const copy = `${path}.${process.pid}-copy`;
    copyFileSync(path, copy, constants.COPYFILE_EXCL | constants.COPYFILE_FICLONE);
    renameSync(copy, path);
  }
}
