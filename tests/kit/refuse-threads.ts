import { createRequire, syncBuiltinESMExports } from 'node:module';
import type { TestContext } from 'node:test';

/**
 * Until the test ends, no thread can be started, as on a system with too many processes. Returns how often it was
 * tried.
 */
export function refuseThreads(context: TestContext): () => number {
  const threads = createRequire(import.meta.url)('node:worker_threads') as { Worker: unknown };
  const real = threads.Worker;
  let refused = 0;
  threads.Worker = function refusing() {
    refused++;
    throw Object.assign(new Error('EAGAIN'), { code: 'ERR_WORKER_INIT_FAILED' });
  };
  syncBuiltinESMExports();
  context.after(() => {
    threads.Worker = real;
    syncBuiltinESMExports();
  });
  return () => refused;
}
