import { basename, dirname, join } from 'node:path';

/** Where a flag is moved when another machine takes its lock: its owner sees that, should it still be alive. */
export const evictedPath = (flag: string): string => join(dirname(flag), `dead-${basename(flag)}`);
