import { readFileSync, realpathSync } from 'node:fs';

export interface MountedPart {
  /** below the asked path, with a leading slash; '' for the path itself */
  below: string;
  /** what has to be repeated when the mount is made read-only, such as `nosuid` */
  flags: string[];
}

/** The mount that holds a path, and those below it. */
export function mountsAt(path: string, table = readFileSync('/proc/self/mountinfo', 'utf8')): MountedPart[] {
  const real = realpathSync(path);
  let holder: MountedPart = { below: '', flags: [] };
  let longest = -1;
  const below = new Map<string, MountedPart>();
  for (const line of table.split('\n')) {
    const [, , , , escaped, options] = line.split(' ');
    if (escaped === undefined || options === undefined) continue;
    const point = escaped.replace(/\\([0-7]{3})/g, (_, code: string) => String.fromCharCode(Number.parseInt(code, 8)));
    const flags = options.split(',').filter((option) => LOCKED.has(option));
    if (point.startsWith(`${real}/`)) below.set(point, { below: point.slice(real.length), flags });
    // a later line covers an earlier one
    else if (point.length >= longest && (point === '/' || point === real || real.startsWith(`${point}/`))) {
      holder = { below: '', flags };
      longest = point.length;
    }
  }
  return [holder, ...below.values()];
}

// -----------------------------------------------------------------------------------------------------------

/** A user namespace may not take these off a mount that it has inherited. */
const LOCKED = new Set(['nosuid', 'nodev', 'noexec', 'noatime', 'nodiratime', 'relatime']);
