/** Ends a program together with its child processes, which would keep running if only the parent was killed. */
import { setTimeout as sleep } from 'node:timers/promises';
import { isAliveHere, pidExists } from './process-mark.ts';
import type { ProcessMark } from './process-mark.ts';

/** Sends SIGTERM to the group, and SIGKILL after 8 s. Does nothing if another process now has the leader's pid. */
export async function endGroup(leader: ProcessMark): Promise<void> {
  if (pidExists(leader.pid) && !isAliveHere(leader)) return;
  for (const [signal, waitMs] of [
    ['SIGTERM', 8000],
    ['SIGKILL', 2000],
  ] as const) {
    for (let waited = 0; waited < waitMs; waited += 50) {
      if (!signalGroup(leader.pid, waited === 0 ? signal : 0)) return;
      await sleep(50);
    }
  }
}

/** False when the group is empty. */
function signalGroup(pid: number, signal: NodeJS.Signals | 0): boolean {
  try {
    return process.kill(-pid, signal);
  } catch {
    return false;
  }
}
