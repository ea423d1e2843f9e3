import { join } from 'node:path';
import { cacheDir } from '../../../src/engine/cache-dir.ts';

/** Contains a folder for each published size. `RUNNER_WEIGHTS`, or else in the cache that all checkouts share. */
export function weightsDir(): string {
  return process.env['RUNNER_WEIGHTS'] || join(cacheDir(), 'weights');
}
