import { existsSync, mkdirSync, readFileSync, readdirSync, renameSync, symlinkSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { randomBytes } from 'node:crypto';
import { realDisk } from './disk.ts';
import type { Disk } from './disk.ts';

/** Writes a small file so that its final name never shows half of it, also after a power cut. */
export function writeWhole(path: string, content: string | Uint8Array, disk: Disk = realDisk): void {
  writeAside(path, content, disk)();
  syncPath(dirname(path), disk);
}

/**
 * The first half of that: the content lies durable under a name beside; the function returned gives it its own. Then
 * the folder wants syncing.
 */
export function writeAside(path: string, content: string | Uint8Array, disk: Disk = realDisk): () => void {
  disk.makeDir(dirname(path));
  const aside = besideName(path);
  const undoing = (act: () => void): void => {
    try {
      act();
    } catch (error) {
      removeQuietly(aside, disk);
      throw error;
    }
  };
  undoing(() => writeNew(aside, content, disk));
  return () => undoing(() => disk.rename(aside, path));
}

/**
 * The same without waiting for the disk: no process ever sees half of it, but a power cut may leave it empty. For what
 * a reader may find broken.
 */
export function replaceSoon(path: string, content: string): void {
  const aside = besideName(path);
  writeFileSync(aside, content, { flag: 'wx' });
  renameSync(aside, path);
}

/** The JSON in a file, or null if it is missing or not whole: to the store, both are a miss. */
export function readJson<T>(path: string): T | null {
  try {
    return JSON.parse(readFileSync(path, 'utf8')) as T;
  } catch {
    return null;
  }
}

/** Points a symbolic link somewhere else without a moment in which it is missing. */
export function pointLink(linkPath: string, target: string): void {
  mkdirSync(dirname(linkPath), { recursive: true });
  const aside = besideName(linkPath);
  symlinkSync(target, aside);
  renameSync(aside, linkPath);
}

/** Makes a file durable, or the names in a folder. */
export function syncPath(path: string, disk: Disk = realDisk): void {
  const handle = disk.open(path, 'r');
  try {
    disk.sync(handle);
  } finally {
    disk.close(handle);
  }
}

/** Makes a folder and everything in it durable. */
export function syncTree(dir: string, disk: Disk = realDisk): void {
  for (const entry of readdirSync(dir, { withFileTypes: true })) {
    const path = join(dir, entry.name);
    if (entry.isDirectory()) syncTree(path, disk);
    else syncPath(path, disk);
  }
  syncPath(dir, disk);
}

/** What a name ends in while its content is being written; one that stays behind belongs to a dead process. */
export const ASIDE = '.aside';

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
    // the disk that failed the write fails this too: the error to tell is the first
  }
}

function besideName(path: string): string {
  return `${path}.${process.pid}-${randomBytes(4).toString('hex')}${ASIDE}`;
}
