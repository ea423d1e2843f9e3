import { homedir } from 'node:os';
import { join } from 'node:path';

/** Where this project keeps what all checkouts share. By the XDG rule, a relative XDG_CACHE_HOME counts as unset. */
export function cacheDir(): string {
  const xdg = process.env['XDG_CACHE_HOME'];
  return join(xdg?.startsWith('/') ? xdg : join(homedir(), '.cache'), 'chat-runner');
}
