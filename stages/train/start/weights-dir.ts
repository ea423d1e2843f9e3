import { join } from 'node:path';
import { cacheDir } from '../../../src/engine/cache-dir.ts';

/** The folder with a folder for each published size: `RUNNER_WEIGHTS`, else one in the cache that all checkouts share. */
export function weightsDir(): string {
  return process.env['RUNNER_WEIGHTS'] || join(cacheDir(), 'weights');
}
