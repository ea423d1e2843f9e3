import { readFileSync } from 'node:fs';
import { printedBy } from './printed-by.ts';

/** In place of the start time: a zombie uses no resources any more. */
export const ENDED = 'ended';

/**
 * When a process started: on Linux in clock ticks since boot, on macOS in seconds since 1970. Null if that cannot be
 * read: without /proc, or with one that hides other users' processes.
 */
export function startOf(pid: number): string | null {
  if (process.platform !== 'darwin') return startInProc(pid);
  if (pid === process.pid) return (ownStart ??= startAskedOfPs(pid));
  return startAskedOfPs(pid);
}

/** `text` is what `ps -o stat= -o lstart=` prints: `Ss Tue Dec 1 03:49:54 2026`, with LC_ALL=C and TZ=UTC. */
export function startInPs(text: string): string | null {
  const [, state, time] = /^\s*(\S+)\s+(\S.*\S)\s*$/.exec(text) ?? [];
  if (state === undefined) return null;
  if (state.startsWith('Z')) return ENDED;
  const ms = Date.parse(`${time} UTC`);
  return Number.isNaN(ms) ? null : String(ms / 1000);
}

// ---------------------------------------------------------------------------

/** Every lock asks for it. */
let ownStart: string | null = null;

// One `-o` each: POSIX lets the empty title after `=` reach to the end of the argument.
const startAskedOfPs = (pid: number): string | null =>
  startInPs(printedBy('/bin/ps', ['-o', 'stat=', '-o', 'lstart=', '-p', String(pid)]));

function startInProc(pid: number): string | null {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    // skip the program's name, which may contain spaces
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    return fields[0] === 'Z' || fields[0] === 'X' ? ENDED : fields[19]!;
  } catch {
    return null;
  }
}
