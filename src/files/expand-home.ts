import { homedir } from 'node:os';
import { join } from 'node:path';

/**
 * Replaces `~` at the start of a path by the user's home folder. The shell does it only for unquoted words, and not
 * after the `=` of a flag.
 */
export function expandHome(path: string): string {
  return path === '~' || path.startsWith('~/') ? join(homedir(), path.slice(1)) : path;
}
