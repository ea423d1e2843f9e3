import { closeSync, openSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';

/**
 * Runs `action` while holding the lock on `path` (flock: the system lets go of it when its owner dies, however it
 * dies). `onWait` is called once if somebody else holds it.
 */
export async function withFileLock<T>(path: string, onWait: () => void, action: () => Promise<T>): Promise<T> {
  const { default: koffi } = await import('koffi');
  const flock = koffi.load('libc.so.6').func('int flock(int, int)') as (fd: number, operation: number) => number;
  const fd = openSync(path, 'a');
  try {
    let waited = false;
    while (flock(fd, LOCK_EX | LOCK_NB) !== 0) {
      if (koffi.errno() !== koffi.os.errno['EWOULDBLOCK'])
        throw new Error(`cannot lock ${path} (errno ${koffi.errno()}): does its file system know flock?`);
      if (!waited) onWait();
      waited = true;
      await sleep(pollMs);
    }
    return await action();
  } finally {
    closeSync(fd);
  }
}

const LOCK_EX = 2;
const LOCK_NB = 4;
const pollMs = 200;
