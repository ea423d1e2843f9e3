import { lstatSync, statSync } from 'node:fs';
import { dirname } from 'node:path';

/**
 * Why nothing can be read at a path, if it is not just that nothing is there: a link on the way leads nowhere, or a
 * folder cannot be entered. Null if the path exists, or simply does not.
 */
export function unreachable(path: string): string | null {
  for (let at = path; ; at = dirname(at)) {
    try {
      statSync(at);
      return null;
    } catch (error) {
      const { code, message } = error as NodeJS.ErrnoException;
      if (isLink(at)) return `${at} is a link that leads nowhere`;
      if (code !== 'ENOENT') return message;
    }
    if (at === dirname(at)) return null;
  }
}

// ---------------------------------------------------------------------------

function isLink(path: string): boolean {
  try {
    return lstatSync(path).isSymbolicLink();
  } catch {
    return false;
  }
}
