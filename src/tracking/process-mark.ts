/** A process, named so that a later process with the same number is not taken for it; and a lock held by such a process. */
import { linkSync, readFileSync, renameSync, rmSync, statSync, utimesSync, writeFileSync } from 'node:fs';
import { hostname } from 'node:os';

export interface ProcessMark {
  host: string;
  pid: number;
  /** start time as the system counts it (Linux), else '' */
  started: string;
}

export interface ProcessLock {
  /** tells processes on other machines that the holder lives; call at least every 20 s */
  touch(): void;
  release(): void;
}

const foreignLockStaleMs = 60_000;

export function markOf(pid: number): ProcessMark {
  return { host: hostname(), pid, started: startOf(pid) };
}

/** False only if it is certain: the same machine, and no such process. */
export function mayBeAlive(mark: ProcessMark): boolean {
  if (mark.host !== hostname()) return true;
  return pidExists(mark.pid) && (mark.started === '' || startOf(mark.pid) === mark.started);
}

export function pidExists(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}

/** Takes the lock, or says who has it. A dead holder's lock is taken over. */
export function takeLock(path: string): ProcessLock | { heldBy: ProcessMark } {
  const mine = markOf(process.pid);
  const draft = `${path}.${process.pid}-${draftCount++}`;
  writeFileSync(draft, JSON.stringify(mine));
  try {
    for (let attempt = 0; attempt < 5; attempt++) {
      if (linkFresh(draft, path)) return lockAt(path, mine);
      const holder = readMark(path);
      if (holder && lockIsLive(path, holder)) return { heldBy: holder };
      setAside(path, `${draft}.stale`);
    }
    return { heldBy: readMark(path) ?? mine };
  } finally {
    rmSync(draft, { force: true });
  }
}

// ---------------------------------------------------------------------------------------------------------------------

let draftCount = 0;

function startOf(pid: number): string {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    return stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19] ?? ''; // field 22, counted behind the name, which may hold spaces
  } catch {
    return '';
  }
}

/** link(2) makes the lock with its content in one step, or fails if there is one. */
function linkFresh(draft: string, path: string): boolean {
  try {
    linkSync(draft, path);
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false;
    throw error;
  }
}

function lockAt(path: string, mine: ProcessMark): ProcessLock {
  const isMine = (): boolean => JSON.stringify(readMark(path)) === JSON.stringify(mine);
  return {
    touch() {
      if (isMine()) utimesSync(path, new Date(), new Date());
    },
    release() {
      if (isMine()) rmSync(path, { force: true });
    },
  };
}

function readMark(path: string): ProcessMark | null {
  try {
    return JSON.parse(readFileSync(path, 'utf8')) as ProcessMark;
  } catch {
    return null;
  }
}

function lockIsLive(path: string, holder: ProcessMark): boolean {
  if (holder.host === hostname()) return mayBeAlive(holder);
  try {
    return Date.now() - statSync(path).mtimeMs < foreignLockStaleMs;
  } catch {
    return false;
  }
}

function setAside(path: string, asidePath: string): void {
  try {
    renameSync(path, asidePath);
    rmSync(asidePath, { force: true });
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
  }
}
