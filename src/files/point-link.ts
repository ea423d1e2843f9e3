import { mkdirSync, renameSync, rmSync, symlinkSync } from 'node:fs';
import { dirname } from 'node:path';
import { temporaryName } from './temporary-name.ts';

/** Creates a symbolic link, or replaces it atomically. */
export function pointLink(linkPath: string, target: string): void {
  mkdirSync(dirname(linkPath), { recursive: true });
  const temporary = temporaryName(linkPath);
  try {
    symlinkSync(target, temporary);
    renameSync(temporary, linkPath);
  } catch (error) {
    rmSync(temporary, { force: true });
    throw error;
  }
}
