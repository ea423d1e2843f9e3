import { randomInt } from 'node:crypto';
import {
  closeSync,
  fstatSync,
  mkdirSync,
  openSync,
  readFileSync,
  readdirSync,
  renameSync,
  rmSync,
  rmdirSync,
  statSync,
  writeSync,
} from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { evictedPath } from './evicted-path.ts';
import { HEARTBEAT, keepAlive } from './heartbeat.ts';
import { lifeOf, markOf } from './process-mark.ts';
import type { ProcessMark } from './process-mark.ts';

export interface Lock {
  release(): void;
}

/**
 * `any` excludes every other holder. `runner` and `stage` exclude only holders of the same role: a runner and the stage
 * process that it started hold a key's lock together.
 */
export type Role = 'any' | 'runner' | 'stage';

export interface Holder {
  mark: ProcessMark;
  role: Role;
}

/**
 * Takes a lock, or returns its holder. The lock is a folder of flags: empty files whose names identify the processes
 * that created them. To take it, a process creates its flag, then checks the others, and deletes its flag again if
 * another live process has one. So at most one process gets the lock, and the flags of dead processes do not count.
 *
 * Of a process on another machine or in another container, nobody can say whether it lives. Its flag counts until
 * it was not touched for a while by the clock of the one who waits: clocks of two machines are never compared.
 */
export function tryLock(dir: string, role: Role = 'any'): Lock | { heldBy: ProcessMark } {
  for (let attempt = 1; ; attempt++) {
    const flag = createFlag(dir, role);
    const other = liveFlags(dir).find(({ name, role: otherRole }) => name !== flag.name && conflict(otherRole, role));
    if (!other) return { release: flag.remove };
    flag.remove();
    // Processes that tried at the same moment have all given up. Wait for a random time, so that one of them succeeds.
    if (attempt === 5) return { heldBy: other.mark };
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, randomInt(1, 6));
  }
}

export interface WaitOptions {
  /** called once, with the current holder */
  onWait?(holder: ProcessMark): void;
  signal?: AbortSignal | undefined;
}

/** Waits until `take` succeeds; null if the signal fires first. */
export async function waitForLock(
  take: () => Lock | { heldBy: ProcessMark },
  { onWait, signal }: WaitOptions = {},
): Promise<Lock | null> {
  for (let waiting = false; !signal?.aborted; waiting = true) {
    const lock = take();
    if ('release' in lock) return lock;
    if (!waiting) onWait?.(lock.heldBy);
    // rejects when the signal fires, which ends the loop
    await sleep(150 + randomInt(200), undefined, { signal }).catch(() => {});
  }
  return null;
}

/** Waits for the lock and runs `action` while holding it. Throws the signal's reason if the signal fires first. */
export async function withLock<T>(dir: string, action: () => Promise<T>, options: WaitOptions = {}): Promise<T> {
  const lock = await waitForLock(() => tryLock(dir), options);
  if (!lock) throw options.signal?.reason;
  try {
    return await action();
  } finally {
    lock.release();
  }
}

/** The live processes that hold this lock. */
export const holdersOf = (dir: string): Holder[] => liveFlags(dir);

// ---------------------------------------------------------------------------

let flagCount = 0;

const conflict = (one: Role, other: Role): boolean => one === 'any' || other === 'any' || one === other;

function createFlag(dir: string, role: Role): { name: string; remove(): void } {
  const name = flagName(markOf(process.pid), flagCount++, role);
  const path = join(dir, name);
  createFile(dir, path);
  // Somebody may have cleared the folder by hand. That is no reason to lose the work of days.
  const stopTouching = keepAlive(path, () => createFile(dir, path));
  return {
    name,
    remove() {
      stopTouching();
      rmSync(path, { force: true });
      removeEmpty(dir);
    },
  };
}

/** The file contains its own inode, so that a copy of it can be recognized; on a full disk, nothing. */
function writeInode(path: string): void {
  const file = openSync(path, 'w');
  try {
    writeSync(file, fstatSync(file).ino.toString());
  } catch (error) {
    if (!['ENOSPC', 'EDQUOT'].includes((error as NodeJS.ErrnoException).code ?? '')) throw error;
  } finally {
    closeSync(file);
  }
}

/** Retries, because another process may release the lock and remove the folder between the two calls. */
function createFile(dir: string, path: string): void {
  for (;;) {
    mkdirSync(dir, { recursive: true });
    try {
      return writeInode(path);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
    }
  }
}

function removeEmpty(dir: string): void {
  try {
    rmdirSync(dir);
  } catch {
    // another process has a flag in it, or has removed it
  }
}

/** Also deletes the flags of dead processes. */
function liveFlags(dir: string): (Holder & { name: string })[] {
  return fileNames(dir).flatMap((name) => {
    const flag = parseFlagName(name);
    if (!flag) return [];
    const path = join(dir, name);
    const life = isCopy(path) ? 'dead' : lifeOf(flag.mark);
    if (life === 'alive' || (life === 'unknown' && !isSilent(path))) return [{ name, ...flag }];
    if (life === 'dead') rmSync(path, { force: true });
    else evict(path);
    return [];
  });
}

function fileNames(dir: string): string[] {
  try {
    return readdirSync(dir);
  } catch {
    return [];
  }
}

/** A flag in a copied folder belongs to a process that works in the original. An empty flag is of an older version. */
function isCopy(path: string): boolean {
  try {
    const inode = readFileSync(path, 'utf8');
    return inode !== '' && inode !== statSync(path).ino.toString();
  } catch {
    return false;
  }
}

/** Flag → how it looked, and since when it has looked like that, in milliseconds of this process's monotonic clock. */
const seen = new Map<string, { look: string; sinceMs: number }>();

/** Whether this process has watched the flag for a while and nobody touched it. Never at the first look. */
function isSilent(path: string): boolean {
  const look = lookOf(path);
  if (look === null) return false;
  const before = seen.get(path);
  if (before?.look === look) return performance.now() - before.sinceMs >= HEARTBEAT.silenceMs;
  seen.set(path, { look, sinceMs: performance.now() });
  return false;
}

/** Opened, because a network file system may answer `stat` from its cache. Null if it cannot be read. */
function lookOf(path: string): string | null {
  try {
    const fd = openSync(path, 'r');
    const { mtimeNs, ino } = fstatSync(fd, { bigint: true });
    closeSync(fd);
    return `${mtimeNs} ${ino}`;
  } catch {
    return null;
  }
}

function evict(path: string): void {
  try {
    renameSync(path, evictedPath(path));
  } catch {
    // another process was faster
  }
}

const flagName = ({ host, pid, started }: ProcessMark, nth: number, role: Role): string =>
  `flag~${encodeURIComponent(host)}~${pid}~${started}~${nth}~${role}`;

function parseFlagName(name: string): Holder | null {
  const [word, host, pid, started, , role] = name.split('~');
  if (word !== 'flag' || host === undefined || pid === undefined || started === undefined) return null;
  return {
    mark: { host: decodeURIComponent(host), pid: Number(pid), started },
    role: role === 'runner' || role === 'stage' ? role : 'any',
  };
}
