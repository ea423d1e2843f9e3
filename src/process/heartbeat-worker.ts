/**
 * A worker thread of `heartbeat.ts`: touches the flags of this process, even while its main thread is blocked by a long
 * call.
 */
import { parentPort, workerData } from 'node:worker_threads';
import { touchFlag } from './touch-flag.ts';

const flags = new Set<string>();
const { beatMs } = workerData as { beatMs: number };

parentPort!.on('message', ({ path, held }: { path: string; held: boolean }) => {
  if (held) flags.add(path);
  else flags.delete(path);
});
setInterval(() => flags.forEach((path) => touchFlag(path, () => parentPort!.postMessage(path))), beatMs);
