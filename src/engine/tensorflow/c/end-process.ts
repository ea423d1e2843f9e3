import { inspect } from 'node:util';
import type { TensorFlowLibrary } from './load-library.ts';

let running = 0;
let watching = false;
let uncaught: { error: unknown } | undefined;

/**
 * Wraps calls that run on worker threads. A process that exits during such a call would first wait for it, often for
 * seconds, and then destroy objects that it uses. Instead the process exits at once, with its exit code. Exit handlers
 * added earlier still run.
 */
export function endProcessCleanly(library: TensorFlowLibrary): <T>(call: () => Promise<T>) => Promise<T> {
  if (!watching) {
    watching = true;
    process.on('uncaughtExceptionMonitor', (error) => (uncaught = { error }));
    process.on('exit', (code) => {
      if (running === 0) return;
      // Node would print the uncaught error only after the exit handlers.
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
