import { join } from 'node:path';
import { expandHome } from '../../../src/files/expand-home.ts';
import { cacheDir } from '../../../src/engine/cache-dir.ts';

/** Contains a folder for each published size. `RUNNER_WEIGHTS`, or else in the cache that all checkouts share. */
export function weightsDir(): string {
  return expandHome(process.env['RUNNER_WEIGHTS'] ?? '') || join(cacheDir(), 'weights');
}
