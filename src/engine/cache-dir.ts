import { homedir } from 'node:os';
import { join } from 'node:path';

/** The folder for files shared by all checkouts. As XDG requires, a relative XDG_CACHE_HOME counts as unset. */
export function cacheDir(): string {
  const xdg = process.env['XDG_CACHE_HOME'];
  return join(xdg?.startsWith('/') ? xdg : join(homedir(), '.cache'), 'chat-runner');
}
