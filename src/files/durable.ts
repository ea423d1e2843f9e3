import { closeSync, fsyncSync, openSync, readdirSync, renameSync, rmSync, writeSync } from 'node:fs';
import { dirname, join } from 'node:path';

/**
 * Files and folders that are there whole, and still there after a power cut, or not at all: written under
 * `<path>.partial`, forced to the disk, renamed, and the rename forced to the disk too.
 */
export async function writeDurably(
  path: string,
  fill: (write: (bytes: Uint8Array) => void) => void | Promise<void>,
): Promise<void> {
  const partialPath = `${path}.partial`;
  const fd = openSync(partialPath, 'w');
  try {
    await fill((bytes) => writeAll(fd, bytes));
    fsyncSync(fd);
  } catch (error) {
    closeSync(fd);
    rmSync(partialPath, { force: true });
    throw error;
  }
  closeSync(fd);
  renameSync(partialPath, path);
  syncFolder(dirname(path));
}

export function writeTextDurably(path: string, text: string): Promise<void> {
  return writeDurably(path, (write) => write(Buffer.from(text, 'utf8')));
}

/** Gives a finished folder its name, after its files are on the disk. Throws if the name is taken. */
export function publishFolder(partialDir: string, dir: string): void {
  for (const name of readdirSync(partialDir)) syncFolder(join(partialDir, name));
  syncFolder(partialDir);
  renameSync(partialDir, dir);
  syncFolder(dirname(dir));
}

/** One write call may take only a part, as it does just before a disk is full; and never more than 2 GiB. */
function writeAll(fd: number, bytes: Uint8Array): void {
  for (let done = 0; done < bytes.length;) done += writeSync(fd, bytes, done, Math.min(bytes.length - done, 2 ** 30));
}

/** Opening for reading is enough to force a file's or folder's bytes out. */
function syncFolder(path: string): void {
  const fd = openSync(path, 'r');
  try {
    fsyncSync(fd);
  } finally {
    closeSync(fd);
  }
}
