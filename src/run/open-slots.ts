import { inTurn, whoStarts } from '../pipeline/slots.ts';
import type { Taken, Waiting } from '../pipeline/slots.ts';
import type { Capacity, Needs } from '../pipeline/needs.ts';

/** The share of the machine that a running stage has reserved. */
export interface Slot {
  gpus: string[];
  release(): void;
}

export interface Slots {
  capacity: Capacity;
  /** Rejects if the signal fires first. */
  take(needs: Needs, priority: number, signal: AbortSignal): Promise<Slot>;
  /** For a process that is already running, even if that exceeds the capacity. */
  occupy(needs: Needs): Slot;
}

/** The machine's slots, shared by all stages of a command. `whoStarts` decides which waiting stages start. */
export function openSlots(capacity: Capacity, jobs: number): Slots {
  let ids = 0;
  let taken: Taken[] = [];
  let waiting: (Waiting & { start(slot: Slot): void })[] = [];
  const slotOf = (share: Taken): Slot => {
    taken.push(share);
    const release = (): void => {
      taken = taken.filter((other) => other !== share);
      // Deferred: first let the end of this stage make others ready, or stop the run.
      setImmediate(startWaiting);
    };
    return { gpus: share.gpus, release };
  };
  const startWaiting = (): void => {
    const shares = new Map(whoStarts(waiting, taken, { capacity, jobs }).map((share) => [share.id, share]));
    if (shares.size === 0) return;
    const starting = waiting.filter(({ id }) => shares.has(id));
    waiting = waiting.filter(({ id }) => !shares.has(id));
    for (const stage of waiting) if (starting.some((other) => inTurn(stage, other) < 0)) stage.passed++;
    for (const { id, start } of starting) start(slotOf(shares.get(id) as Taken));
  };
  return {
    capacity,
    take(needs, priority, signal) {
      return new Promise((resolve, reject) => {
        signal.throwIfAborted();
        const leave = (): void => {
          waiting = waiting.filter((stage) => stage !== me);
          reject(signal.reason as Error);
        };
        const me = {
          id: ids++,
          needs,
          priority,
          passed: 0,
          start: (slot: Slot) => {
            signal.removeEventListener('abort', leave);
            resolve(slot);
          },
        };
        signal.addEventListener('abort', leave, { once: true });
        waiting.push(me);
        // Deferred, so that stages that become ready at the same moment are considered together.
        queueMicrotask(startWaiting);
      });
    },
    occupy: (needs) => slotOf({ id: ids++, needs, gpus: [] }),
  };
}
