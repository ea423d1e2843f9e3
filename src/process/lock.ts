import { randomInt } from 'node:crypto';
import { mkdirSync, readdirSync, rmSync, rmdirSync, statSync, utimesSync, writeFileSync } from 'node:fs';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { markOf, mayBeAlive } from './process-mark.ts';
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

/** Other machines cannot check our process, so we touch the flag regularly; an older flag counts as dead. */
const TOUCH_EVERY_MS = 20_000;
const MAX_FLAG_AGE_MS = 60_000;

let flagCount = 0;

const conflict = (one: Role, other: Role): boolean => one === 'any' || other === 'any' || one === other;

function createFlag(dir: string, role: Role): { name: string; remove(): void } {
  const name = flagName(markOf(process.pid), flagCount++, role);
  const path = join(dir, name);
  createFile(dir, path);
  const touching = setInterval(() => utimesSync(path, new Date(), new Date()), TOUCH_EVERY_MS);
  touching.unref();
  return {
    name,
    remove() {
      clearInterval(touching);
      rmSync(path, { force: true });
      removeEmpty(dir);
    },
  };
}

/** Retries, because another process may release the lock and remove the folder between the two calls. */
function createFile(dir: string, path: string): void {
  for (;;) {
    mkdirSync(dir, { recursive: true });
    try {
      return writeFileSync(path, '');
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
    if (isLive(join(dir, name), flag.mark)) return [{ name, ...flag }];
    rmSync(join(dir, name), { force: true });
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

function isLive(path: string, mark: ProcessMark): boolean {
  if (mark.host === hostname()) return mayBeAlive(mark);
  const touched = statSync(path, { throwIfNoEntry: false })?.mtimeMs;
  return touched !== undefined && Date.now() - touched < MAX_FLAG_AGE_MS;
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
