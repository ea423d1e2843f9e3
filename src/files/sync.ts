import { readdirSync, renameSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { realDisk } from './disk.ts';
import type { Disk } from './disk.ts';

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

/** Gives a finished file its name once its bytes are on the disk. Replaces a file of that name. */
export function publishFile(finished: string, path: string): void {
  syncPath(finished);
  renameSync(finished, path);
  syncPath(dirname(path));
}

/** Gives a finished folder its name once all its files are on the disk. Throws if there is a folder of that name. */
export function publishFolder(finished: string, dir: string): void {
  syncTree(finished);
  renameSync(finished, dir);
  syncPath(dirname(dir));
}
