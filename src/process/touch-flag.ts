import { existsSync, utimesSync } from 'node:fs';
import { evictedPath } from './evicted-path.ts';

/** Shows that the owner of a flag lives. Calls `onGone` if somebody removed it. */
export function touchFlag(path: string, onGone: () => void): void {
  const now = new Date();
  try {
    utimesSync(path, now, now);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') return; // a disk or a network that fails for a moment
    // Another machine believed this process dead and took the lock. Two must not work at once.
    if (existsSync(evictedPath(path))) process.kill(process.pid, 'SIGKILL');
    onGone();
  }
}
