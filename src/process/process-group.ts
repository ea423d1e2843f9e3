/** Ending a program together with all that it started: after the parent alone was killed, its children would go on. */
import { setTimeout as sleep } from 'node:timers/promises';
import { mayBeAlive, pidExists } from './process-mark.ts';
import type { ProcessMark } from './process-mark.ts';

/** TERM to all of it, KILL after 8 s. Nothing is sent if the leader's number meanwhile belongs to another process. */
export async function endGroup(leader: ProcessMark): Promise<void> {
  if (pidExists(leader.pid) && !mayBeAlive(leader)) return;
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
