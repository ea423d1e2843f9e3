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
 * What a flag is raised for. One without a role contends with every other; two with different roles do not contend: a
 * runner holds a key beside the stage process that it started, and each of the two keeps only its like away.
 */
export type Role = 'any' | 'runner' | 'stage';

export interface Holder {
  mark: ProcessMark;
  role: Role;
}

/**
 * Takes a lock that dies with its owner, or says who has it. The lock is a folder of flags: empty files whose names say
 * which process raised them. Taking it is flag-then-check: raise ours, look at the others, lower ours again if a living
 * one is there. So at most one of any number of contenders gets it, a dead owner's flag is nothing, and nothing ever
 * needs an `unlock`.
 */
export function tryLock(dir: string, role: Role = 'any'): Lock | { heldBy: ProcessMark } {
  for (let attempt = 1; ; attempt++) {
    const flag = raise(dir, role);
    const other = livingFlags(dir).find((each) => each.name !== flag.name && contend(each.role, role));
    if (!other) return { release: flag.lower };
    flag.lower();
    // Contenders that came at the same moment have seen each other and all stepped back: come again at moments of our own.
    if (attempt === 5) return { heldBy: other.mark };
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, randomInt(1, 6));
  }
}

export interface Waiting {
  /** called once, with who has it */
  onWait?(holder: ProcessMark): void;
  signal?: AbortSignal | undefined;
}

/** Waits until `take` succeeds; null if the signal comes first. */
export async function waitForLock(
  take: () => Lock | { heldBy: ProcessMark },
  { onWait, signal }: Waiting = {},
): Promise<Lock | null> {
  for (let waiting = false; !signal?.aborted; waiting = true) {
    const lock = take();
    if ('release' in lock) return lock;
    if (!waiting) onWait?.(lock.heldBy);
    await sleep(150 + randomInt(200), undefined, { signal }).catch(() => {}); // by the signal: the loop ends
  }
  return null;
}

/** Runs `action` while holding the lock; waits for it first. Throws the signal's reason if that comes first. */
export async function withLock<T>(dir: string, action: () => Promise<T>, waiting: Waiting = {}): Promise<T> {
  const lock = await waitForLock(() => tryLock(dir), waiting);
  if (!lock) throw waiting.signal?.reason;
  try {
    return await action();
  } finally {
    lock.release();
  }
}

/** The living processes that have a flag here. */
export const holdersOf = (dir: string): Holder[] => livingFlags(dir);

// ---------------------------------------------------------------------------

/** Other machines cannot ask for our process: they believe a flag for as long as it is touched. */
const TOUCH_EVERY_MS = 20_000;
const BELIEVED_MS = 60_000;

let flagsRaised = 0;

const contend = (one: Role, other: Role): boolean => one === 'any' || other === 'any' || one === other;

function raise(dir: string, role: Role): { name: string; lower(): void } {
  const name = nameOf(markOf(process.pid), flagsRaised++, role);
  const path = join(dir, name);
  writeIn(dir, path);
  const touching = setInterval(() => utimesSync(path, new Date(), new Date()), TOUCH_EVERY_MS);
  touching.unref();
  return {
    name,
    lower() {
      clearInterval(touching);
      rmSync(path, { force: true });
      removeEmpty(dir);
    },
  };
}

/** The folder may be removed by another's release between our two calls. */
function writeIn(dir: string, path: string): void {
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
    // others have flags there, or have removed it
  }
}

function livingFlags(dir: string): (Holder & { name: string })[] {
  return namesIn(dir).flatMap((name) => {
    const flag = flagIn(name);
    if (!flag) return [];
    if (isLiving(join(dir, name), flag.mark)) return [{ name, ...flag }];
    rmSync(join(dir, name), { force: true });
    return [];
  });
}

function namesIn(dir: string): string[] {
  try {
    return readdirSync(dir);
  } catch {
    return [];
  }
}

function isLiving(path: string, mark: ProcessMark): boolean {
  if (mark.host === hostname()) return mayBeAlive(mark);
  const touched = statSync(path, { throwIfNoEntry: false })?.mtimeMs;
  return touched !== undefined && Date.now() - touched < BELIEVED_MS;
}

const nameOf = ({ host, pid, started }: ProcessMark, nth: number, role: Role): string =>
  `flag~${encodeURIComponent(host)}~${pid}~${started}~${nth}~${role}`;

function flagIn(name: string): Holder | null {
  const [word, host, pid, started, , role] = name.split('~');
  if (word !== 'flag' || host === undefined || pid === undefined || started === undefined) return null;
  return {
    mark: { host: decodeURIComponent(host), pid: Number(pid), started },
    role: role === 'runner' || role === 'stage' ? role : 'any',
  };
}
