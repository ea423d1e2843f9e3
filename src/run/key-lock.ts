import { holdersOf, tryLock, waitForLock } from '../process/lock.ts';
import type { Lock, WaitOptions } from '../process/lock.ts';
import { isAliveHere } from '../process/process-mark.ts';
import type { ProcessMark } from '../process/process-mark.ts';

/** The stage process that holds a key's lock. We can adopt one on this machine, but only wait for one elsewhere. */
export function runningStageProcess(dir: string, where: 'here' | 'elsewhere'): ProcessMark | undefined {
  return holdersOf(dir).find(({ role, mark }) => role === 'stage' && isAliveHere(mark) === (where === 'here'))?.mark;
}

/** Waits until no other runner is working on a key. Null if the signal fires first. */
export function acquireKeyLock(dir: string, options: WaitOptions): Promise<Lock | null> {
  return waitForLock(() => {
    const lock = tryLock(dir, 'runner');
    const elsewhere = runningStageProcess(dir, 'elsewhere');
    if (!elsewhere) return lock;
    if ('release' in lock) lock.release();
    return { heldBy: elsewhere };
  }, options);
}
