import { mkdirSync, renameSync, symlinkSync } from 'node:fs';
import { dirname } from 'node:path';
import { temporaryName } from './replace-file.ts';

/** Points a symbolic link somewhere else without a moment in which it is missing. */
export function pointLink(linkPath: string, target: string): void {
  mkdirSync(dirname(linkPath), { recursive: true });
  const temporary = temporaryName(linkPath);
  symlinkSync(target, temporary);
  renameSync(temporary, linkPath);
}
