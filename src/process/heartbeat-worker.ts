/**
 * A worker thread of `heartbeat.ts`: touches the flags of this process, even while its main thread is blocked by a long
 * call.
 */
import { existsSync, utimesSync } from 'node:fs';
import { parentPort, workerData } from 'node:worker_threads';
import { evictedPath } from './evicted-path.ts';

const flags = new Set<string>();
const { beatMs } = workerData as { beatMs: number };

parentPort!.on('message', ({ path, held }: { path: string; held: boolean }) => {
  if (held) flags.add(path);
  else flags.delete(path);
});
setInterval(() => flags.forEach(touch), beatMs);

function touch(path: string): void {
  const now = new Date();
  try {
    utimesSync(path, now, now);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') return; // a disk or a network that fails for a moment
    // Another machine believed this process dead and took the lock. Two must not work at once.
    if (existsSync(evictedPath(path))) process.kill(process.pid, 'SIGKILL');
    parentPort!.postMessage(path);
  }
}
