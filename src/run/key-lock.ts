import { hostname } from 'node:os';
import { holdersOf, tryLock, waitForLock } from '../process/lock.ts';
import type { Lock, Waiting } from '../process/lock.ts';
import type { ProcessMark } from '../process/process-mark.ts';

/**
 * The stage process that has a flag at a key. One on this machine can be taken over; one elsewhere can only be waited
 * for.
 */
export function runningStageProcess(dir: string, where: 'here' | 'elsewhere'): ProcessMark | undefined {
  return holdersOf(dir).find(({ role, mark }) => role === 'stage' && (mark.host === hostname()) === (where === 'here'))
    ?.mark;
}

/** Waits until no other runner works at a key. Null if the signal comes first. */
export function acquireKeyLock(dir: string, waiting: Waiting): Promise<Lock | null> {
  return waitForLock(() => {
    const lock = tryLock(dir, 'runner');
    const elsewhere = runningStageProcess(dir, 'elsewhere');
    if (!elsewhere) return lock;
    if ('release' in lock) lock.release();
    return { heldBy: elsewhere };
  }, waiting);
}
