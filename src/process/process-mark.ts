import { readFileSync } from 'node:fs';
import { hostname } from 'node:os';

/** Identifies a process, so that it is not confused with a later process that has the same pid. */
export interface ProcessMark {
  host: string;
  pid: number;
  /** start time in clock ticks since boot, and the boot's id; '' if the system does not provide them */
  started: string;
}

export function markOf(pid: number): ProcessMark {
  return { host: hostname(), pid, started: startOf(pid) };
}

/** False only if it is certain that the process is dead: always true for other machines. */
export function mayBeAlive(mark: ProcessMark): boolean {
  if (mark.host !== hostname()) return true;
  return pidExists(mark.pid) && (mark.started === '' || (mark.started !== ENDED && startOf(mark.pid) === mark.started));
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

const ENDED = 'ended';

/** A zombie counts as ended: it uses no resources any more. */
function startOf(pid: number): string {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    // skip the program's name, which may contain spaces
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
