import { inspect } from 'node:util';
import type { TensorFlowLibrary } from './load-library.ts';

let running = 0;
let watching = false;
let uncaught: { error: unknown } | undefined;

/**
 * Wraps calls that run on worker threads. A process that ends in the middle of one would wait for it (many seconds) and
 * then destroy what it works on; instead it ends at once, with its exit code. The other exit handlers run, if they were
 * added before.
 */
export function endProcessCleanly(library: TensorFlowLibrary): <T>(call: () => Promise<T>) => Promise<T> {
  if (!watching) {
    watching = true;
    process.on('uncaughtExceptionMonitor', (error) => (uncaught = { error }));
    process.on('exit', (code) => {
      if (running === 0) return;
      // Node prints what ended it only after the exit handlers.
      if (uncaught && process.listenerCount('uncaughtException') === 0)
        process.stderr.write(`${inspect(uncaught.error)}\n`);
      library.exitNow(code);
    });
  }
  return async (call) => {
    running += 1;
    try {
      return await call();
    } finally {
      running -= 1;
    }
  };
}
