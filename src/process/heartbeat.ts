import { join } from 'node:path';
import type { Worker } from 'node:worker_threads';
import { projectRoot } from '../files/project-root.ts';
import { touchFlag } from './touch-flag.ts';

/** A flag that nobody touched for `silenceMs` belongs to a dead process. Tests use shorter times. */
export const HEARTBEAT = { beatMs: 15_000, silenceMs: 90_000, startAfterMs: 2000 };

/** The flags of this process → what to do if one has disappeared. */
const held = new Map<string, () => void>();
let worker: Worker | undefined;
let starting = false;

/** Touches the flag regularly until the returned function is called. `onGone` is called if somebody removed it. */
export function keepAlive(flag: string, onGone: () => void): () => void {
  held.set(flag, onGone);
  if (worker) worker.postMessage({ path: flag, held: true });
  // Most locks are held for milliseconds, in which no thread could be started.
  else setTimeout(() => void startWorker(), HEARTBEAT.startAfterMs).unref();
  return () => {
    held.delete(flag);
    worker?.postMessage({ path: flag, held: false });
  };
}

// ---------------------------------------------------------------------------

async function startWorker(): Promise<void> {
  if (worker || starting || held.size === 0) return;
  starting = true;
  const threads = await import('node:worker_threads'); // takes milliseconds to load
  starting = false;
  try {
    worker = new threads.Worker(join(projectRoot(), 'dist', 'heartbeat-worker.js'), {
      workerData: { beatMs: HEARTBEAT.beatMs },
    });
  } catch {
    return tryAgain();
  }
  worker.on('message', (flag: string) => held.get(flag)?.());
  worker.on('error', tryAgain);
  worker.unref(); // only now: a listener would keep the process alive
  for (const flag of held.keys()) worker.postMessage({ path: flag, held: true });
}

/** The system has no thread or no memory for us. Until it has, this thread touches the flags. */
function tryAgain(): void {
  worker = undefined;
  for (const [flag, onGone] of held) touchFlag(flag, onGone);
  setTimeout(() => void startWorker(), HEARTBEAT.beatMs).unref();
}
