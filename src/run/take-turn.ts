import { hostname } from 'node:os';
import { setTimeout as sleep } from 'node:timers/promises';
import { holdersOf, tryLock } from '../process/lock.ts';
import type { Lock } from '../process/lock.ts';
import type { ProcessMark } from '../process/process-mark.ts';

/**
 * The stage process that has a flag at a key. One on this machine can be taken over; one elsewhere can only be waited
 * for.
 */
export function stageAtWork(dir: string, where: 'here' | 'elsewhere'): ProcessMark | undefined {
  return holdersOf(dir).find(({ role, mark }) => role === 'stage' && (mark.host === hostname()) === (where === 'here'))
    ?.mark;
}

/** Waits until no other runner works at a key, and says once for whom. Null if the signal comes first. */
export async function takeTurn(
  dir: string,
  { onWait, until }: { onWait(mark: ProcessMark): void; until: AbortSignal },
): Promise<Lock | null> {
  for (let told = false; !until.aborted; told = true) {
    const lock = tryLock(dir, 'runner');
    const elsewhere = stageAtWork(dir, 'elsewhere');
    if ('release' in lock && !elsewhere) return lock;
    if ('release' in lock) lock.release();
    if (!told) onWait(elsewhere ?? (lock as { heldBy: ProcessMark }).heldBy);
    await sleep(150 + Math.random() * 200);
  }
  return null;
}
