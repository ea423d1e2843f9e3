import { hostname } from 'node:os';
import { thisBoot } from './boot.ts';
import { ENDED, startOf } from './process-start.ts';

/** Identifies a process, so that it is not confused with another one that has the same pid. */
export interface ProcessMark {
  host: string;
  pid: number;
  /**
   * start time (`startOf`), the boot's id, and the number of the PID namespace: `123@1a2b3c4d@4026531836`. On macOS the
   * last is empty; earlier versions did not write it. '' if the system does not provide them
   */
  started: string;
}

/** `unknown`: it runs on another machine or in another container, which only it can look into. */
export type Life = 'alive' | 'dead' | 'unknown';

export function markOf(pid: number): ProcessMark {
  const { boot, namespace } = thisBoot();
  const start = startOf(pid);
  return { host: hostname(), pid, started: start === null || boot === '' ? '' : `${start}@${boot}@${namespace}` };
}

/** What this machine knows for certain. A host name proves nothing: containers and copies of a machine share it. */
export function lifeOf(mark: ProcessMark): Life {
  const [started, boot, namespace] = mark.started.split('@');
  if (started === '') return mark.host === hostname() ? (pidExists(mark.pid) ? 'alive' : 'dead') : 'unknown';
  const now = thisBoot();
  const isHere =
    boot === now.boot && (namespace === undefined ? mark.host === hostname() : namespace === now.namespace);
  if (!isHere) return 'unknown';
  if (!pidExists(mark.pid)) return 'dead';
  const start = startOf(mark.pid);
  if (start === null) return 'alive'; // what cannot be read counts as alive
  return start === started && start !== ENDED ? 'alive' : 'dead';
}

/** Whether it is certainly alive, and may be signalled from here. */
export const isAliveHere = (mark: ProcessMark): boolean => lifeOf(mark) === 'alive';

/** For display: a process of this host that is not certainly alive, because the machine restarted, counts as dead. */
export function mayBeAlive(mark: ProcessMark): boolean {
  const life = lifeOf(mark);
  return life === 'alive' || (life === 'unknown' && mark.host !== hostname());
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
