import { readdirSync, renameSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { realDisk } from './disk.ts';
import type { Disk } from './disk.ts';

/** Syncs a file's content, or the names in a folder, to disk. */
export function syncPath(path: string, disk: Disk = realDisk): void {
  const handle = disk.open(path, 'r');
  try {
    disk.sync(handle);
  } finally {
    disk.close(handle);
  }
}

/** Syncs a folder and everything in it to disk. */
export function syncTree(dir: string, disk: Disk = realDisk): void {
  for (const entry of readdirSync(dir, { withFileTypes: true })) {
    const path = join(dir, entry.name);
    if (entry.isDirectory()) syncTree(path, disk);
    else syncPath(path, disk);
  }
  syncPath(dir, disk);
}

/** Syncs a finished file to disk, then renames it to `path`. Replaces an existing file. */
export function publishFile(finished: string, path: string): void {
  syncPath(finished);
  renameSync(finished, path);
  syncPath(dirname(path));
}

/** Syncs a finished folder to disk, then renames it to `dir`. Throws if that folder exists and is not empty. */
export function publishFolder(finished: string, dir: string): void {
  syncTree(finished);
  renameSync(finished, dir);
  syncPath(dirname(dir));
}
