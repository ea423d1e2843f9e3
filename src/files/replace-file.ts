import { randomBytes } from 'node:crypto';
import { existsSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { realDisk } from './disk.ts';
import type { Disk } from './disk.ts';
import { cannotWrite } from './file-writer.ts';
import { syncPath } from './sync.ts';

/**
 * Small files, written whole: the content goes into a temporary file beside the target, which is then renamed. Any
 * number of processes may replace the same file; the last one wins, and readers see one version or another, never a
 * mixture. For large files see `file-writer.ts`.
 *
 * This one does not wait for the disk: a power cut may leave the new file empty. For files whose readers can cope with
 * that. Throws an Error that names the file and has the `code` of the system's error.
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

/** The same, on the disk when it returns: after a power cut there is the old or the new content. Makes the folder. */
export function replaceFileDurably(path: string, content: string | Uint8Array, disk: Disk = realDisk): void {
  prepareFile(path, content, disk)();
  syncPath(dirname(path), disk);
}

/**
 * The two steps of that: first the content is durable under a temporary name; the returned function renames it. The
 * caller then syncs the folder.
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

/** Suffix of temporary files; leftovers belong to dead processes. */
export const TEMPORARY_SUFFIX = '.aside';

/** A name beside `path` that no other process uses. */
export function temporaryName(path: string): string {
  return `${path}.${process.pid}-${randomBytes(4).toString('hex')}${TEMPORARY_SUFFIX}`;
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
    // a disk that failed the write may fail this too; the first error is the one to report
  }
}
