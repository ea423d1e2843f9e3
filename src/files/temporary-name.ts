import { randomBytes } from 'node:crypto';

/** Suffix of temporary files; leftovers belong to dead processes. */
export const TEMPORARY_SUFFIX = '.aside';

/** A unique name for a temporary file beside `path`. */
export function temporaryName(path: string): string {
  return `${path}.${process.pid}-${randomBytes(4).toString('hex')}${TEMPORARY_SUFFIX}`;
}
