import { constants, copyFileSync, lstatSync, renameSync } from 'node:fs';
import { join } from 'node:path';

/**
 * Replaces each file that has a second name by a copy. The other name may be the user's: whoever writes to it would
 * change the sealed artifact, and sealing would make it read-only.
 */
export function ownFiles(dir: string, files: readonly string[]): void {
  for (const file of files) {
    const path = join(dir, file);
    if (lstatSync(path).nlink < 2) continue;
    const copy = `${path}.${process.pid}-copy`;
    copyFileSync(path, copy, constants.COPYFILE_EXCL | constants.COPYFILE_FICLONE);
    renameSync(copy, path);
  }
}
