import { closeSync, cpSync, fsyncSync, openSync, readdirSync, renameSync, rmSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { temporaryName } from './temporary-name.ts';

/**
 * Renames a file or folder. Where the system cannot, it copies: onto another disk, or a folder that comes from a lower
 * layer of an overlay file system, such as an image. Then, too, `to` appears in one step, with its content on disk.
 */
export function move(from: string, to: string): void {
  try {
    renameSync(from, to);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EXDEV') throw error;
    copyAcross(from, to);
  }
}

// ---------------------------------------------------------------------------

function copyAcross(from: string, to: string): void {
  const temporary = temporaryName(to);
  try {
    cpSync(from, temporary, { recursive: true, preserveTimestamps: true, verbatimSymlinks: true });
    syncAll(temporary);
    renameSync(temporary, to);
  } catch (error) {
    rmSync(temporary, { recursive: true, force: true });
    throw error;
  }
  rmSync(from, { recursive: true, force: true });
}

function syncAll(path: string): void {
  if (statSync(path).isDirectory()) for (const name of readdirSync(path)) syncAll(join(path, name));
  const file = openSync(path, 'r');
  fsyncSync(file);
  closeSync(file);
}
