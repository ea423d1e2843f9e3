import { posix } from 'node:path';

/**
 * The part of a path below a declared one: '' for the declared path itself, null if it is elsewhere. `./lists/../x` is
 * not below `./lists`; `./x` (beside the pipeline file) is not `x` (in the project).
 */
export function restBelow(path: string, declared: string): string | null {
  const [one, other] = [plain(path), plain(declared)];
  if (one === other) return '';
  return one.startsWith(`${other}/`) ? one.slice(other.length + 1) : null;
}

// -----------------------------------------------------------------------------------------------------------

function plain(path: string): string {
  const normal = posix.normalize(path).replace(/(.)\/$/, '$1');
  return /^\.\.?(\/|$)/.test(path) ? `./${normal}` : normal;
}
