import { readFileSync } from 'node:fs';
import { hostname } from 'node:os';

/** A process, named so that a later process with the same number is not taken for it. */
export interface ProcessMark {
  host: string;
  pid: number;
  /** clock ticks after boot at which it started, and which boot; '' where the system does not tell */
  started: string;
}

export function markOf(pid: number): ProcessMark {
  return { host: hostname(), pid, started: startOf(pid) };
}

/** False only if it is certain: the same machine, and no such process. */
export function mayBeAlive(mark: ProcessMark): boolean {
  if (mark.host !== hostname()) return true;
  return pidExists(mark.pid) && (mark.started === '' || (mark.started !== ENDED && startOf(mark.pid) === mark.started));
}

/** A process of another user exists too (EPERM). */
export function pidExists(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}

// ---------------------------------------------------------------------------

const ENDED = 'ended';

/** A zombie, whose parent has not looked yet, counts as gone: it holds nothing any more. */
function startOf(pid: number): string {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    // counted behind the name, which may hold spaces
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    return fields[0] === 'Z' || fields[0] === 'X' ? ENDED : `${fields[19]}@${bootId()}`;
  } catch {
    return '';
  }
}

function bootId(): string {
  try {
    return readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').slice(0, 8);
  } catch {
    return '';
  }
}
