import { readFileSync, readlinkSync } from 'node:fs';
import { hostname } from 'node:os';

/** Identifies a process, so that it is not confused with another one that has the same pid. */
export interface ProcessMark {
  host: string;
  pid: number;
  /**
   * start time in clock ticks since boot, the boot's id, and the number of the PID namespace:
   * `123@1a2b3c4d@4026531836`; earlier versions did not write the namespace; '' if the system does not provide them
   */
  started: string;
}

/** `unknown`: it runs on another machine or in another container, which only it can look into. */
export type Life = 'alive' | 'dead' | 'unknown';

export function markOf(pid: number): ProcessMark {
  const { boot, namespace } = here();
  const ticks = startOf(pid);
  return { host: hostname(), pid, started: ticks === null ? '' : `${ticks}@${boot}@${namespace}` };
}

/** What this machine knows for certain. A host name proves nothing: containers and copies of a machine share it. */
export function lifeOf(mark: ProcessMark): Life {
  const [ticks, boot, namespace] = mark.started.split('@');
  if (ticks === '') return mark.host === hostname() ? (pidExists(mark.pid) ? 'alive' : 'dead') : 'unknown';
  const now = here();
  const isHere =
    boot === now.boot && (namespace === undefined ? mark.host === hostname() : namespace === now.namespace);
  if (!isHere) return 'unknown';
  if (!pidExists(mark.pid)) return 'dead';
  const start = startOf(mark.pid);
  if (start === null) return 'alive'; // what cannot be read counts as alive
  return start === ticks && start !== ENDED ? 'alive' : 'dead';
}

/** Whether it is certainly alive, and may be signalled from here. */
export const isAliveHere = (mark: ProcessMark): boolean => lifeOf(mark) === 'alive';

/** For display: a process of this host that is not certainly alive, because the machine restarted, counts as dead. */
export function mayBeAlive(mark: ProcessMark): boolean {
  const life = lifeOf(mark);
  return life === 'alive' || (life === 'unknown' && mark.host !== hostname());
}

/** Also true for processes of other users (EPERM). */
export function pidExists(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}

// ---------------------------------------------------------------------------

/** In place of the start time: a zombie uses no resources any more. */
const ENDED = 'ended';

/** Null if it cannot be read: without /proc, or with one that hides other users' processes. */
function startOf(pid: number): string | null {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    // skip the program's name, which may contain spaces
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    return fields[0] === 'Z' || fields[0] === 'X' ? ENDED : fields[19]!;
  } catch {
    return null;
  }
}

let known: { boot: string; namespace: string } | undefined;

function here(): { boot: string; namespace: string } {
  return (known ??= { boot: bootId(), namespace: pidNamespace() });
}

function bootId(): string {
  try {
    return readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').slice(0, 8);
  } catch {
    return '';
  }
}

function pidNamespace(): string {
  try {
    return /\d+/.exec(readlinkSync('/proc/self/ns/pid'))?.[0] ?? '';
  } catch {
    return '';
  }
}
