import { lstatSync, readdirSync } from 'node:fs';
import type { BigIntStats } from 'node:fs';
import { join } from 'node:path';

/**
 * What each file and link in a folder and its subfolders looks like. Links are not followed: they take no space, and
 * what a program leaves in {scratch} may lead in circles. What disappears meanwhile or may not be read is left out.
 */
export function filesInside(dir: string): BigIntStats[] {
  return entriesOf(dir).flatMap((entry) => {
    const path = join(dir, entry.name);
    if (entry.isDirectory()) return filesInside(path);
    return lstatSync(path, { bigint: true, throwIfNoEntry: false }) ?? [];
  });
}

// ---------------------------------------------------------------------------

function entriesOf(dir: string) {
  try {
    return readdirSync(dir, { withFileTypes: true });
  } catch {
    return [];
  }
}
