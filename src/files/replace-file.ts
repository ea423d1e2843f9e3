import { existsSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { realDisk } from './disk.ts';
import type { Disk } from './disk.ts';
import { cannotWrite } from './file-writer.ts';
import { syncPath } from './sync.ts';
import { temporaryName } from './temporary-name.ts';

/**
 * Replaces a small file atomically: writes a temporary file beside it, then renames it. Any number of processes may
 * replace the same file; the last one wins, and readers see one version or another, never a mixture. For large files
 * see `file-writer.ts`.
 *
 * Does not sync to disk: after a power cut the new file may be empty, which its readers must handle. Throws an Error
 * that names the file and has the `code` of the system error.
 */
export function replaceFile(path: string, content: string | Uint8Array): void {
  const temporary = temporaryName(path);
  try {
    writeFileSync(temporary, content, { flag: 'wx' });
    renameSync(temporary, path);
  } catch (cause) {
    rmSync(temporary, { force: true });
    throw cannotWrite(path, cause);
  }
}

/** Like `replaceFile`, but syncs to disk: after a power cut the file is either old or new. Creates missing folders. */
export function replaceFileDurably(path: string, content: string | Uint8Array, disk: Disk = realDisk): void {
  prepareFile(path, content, disk)();
  syncPath(dirname(path), disk);
}

/**
 * `replaceFileDurably` in two steps: writes and syncs a temporary file, and returns the function that renames it.
 * Afterwards the caller must sync the folder.
 */
export function prepareFile(path: string, content: string | Uint8Array, disk: Disk = realDisk): () => void {
  disk.makeDir(dirname(path));
  const temporary = temporaryName(path);
  const orRemove = (act: () => void): void => {
    try {
      act();
    } catch (error) {
      removeQuietly(temporary, disk);
      throw error;
    }
  };
  orRemove(() => writeNew(temporary, content, disk));
  return () => orRemove(() => disk.rename(temporary, path));
}

// ---------------------------------------------------------------------------

function writeNew(path: string, content: string | Uint8Array, disk: Disk): void {
  const file = disk.open(path, 'wx');
  try {
    let left = typeof content === 'string' ? Buffer.from(content) : content;
    while (left.length) left = left.subarray(disk.write(file, left));
    disk.sync(file);
  } finally {
    disk.close(file);
  }
}

function removeQuietly(path: string, disk: Disk): void {
  try {
    if (existsSync(path)) disk.remove(path);
  } catch {
    // if the write failed, this may fail too; report only the first error
  }
}
