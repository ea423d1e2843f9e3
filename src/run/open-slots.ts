import { inTurn, whoStarts } from '../pipeline/slots.ts';
import type { Taken, Waiting } from '../pipeline/slots.ts';
import type { Capacity, Needs } from '../pipeline/needs.ts';

/** A place on the machine for as long as a stage runs. */
export interface Slot {
  gpus: string[];
  release(): void;
}

export interface Slots {
  capacity: Capacity;
  /** Rejects when the signal fires first. */
  take(needs: Needs, priority: number, signal: AbortSignal): Promise<Slot>;
  /** For a process that runs already, whether or not there is room. */
  hold(needs: Needs): Slot;
}

/** The machine's slots, shared by every stage of a command; who is let in is decided by `whoStarts`. */
export function openSlots(capacity: Capacity, jobs: number): Slots {
  let ids = 0;
  let taken: Taken[] = [];
  let waiting: (Waiting & { enter(slot: Slot): void })[] = [];
  const slotOf = (place: Taken): Slot => {
    taken.push(place);
    const release = (): void => {
      taken = taken.filter((each) => each !== place);
      // Later: what the end of a stage makes ready, or forbids, is known only then.
      setImmediate(letIn);
    };
    return { gpus: place.gpus, release };
  };
  const letIn = (): void => {
    const starting = new Map(whoStarts(waiting, taken, { capacity, jobs }).map((place) => [place.id, place]));
    if (starting.size === 0) return;
    const entering = waiting.filter(({ id }) => starting.has(id));
    waiting = waiting.filter(({ id }) => !starting.has(id));
    for (const each of waiting) if (entering.some((other) => inTurn(each, other) < 0)) each.passed++;
    for (const { id, enter } of entering) enter(slotOf(starting.get(id) as Taken));
  };
  return {
    capacity,
    take(needs, priority, signal) {
      return new Promise((resolve, reject) => {
        signal.throwIfAborted();
        const leave = (): void => {
          waiting = waiting.filter((each) => each !== me);
          reject(signal.reason as Error);
        };
        const me = {
          id: ids++,
          needs,
          priority,
          passed: 0,
          enter: (slot: Slot) => {
            signal.removeEventListener('abort', leave);
            resolve(slot);
          },
        };
        signal.addEventListener('abort', leave, { once: true });
        waiting.push(me);
        // All that became ready at the same moment is looked at together.
        queueMicrotask(letIn);
      });
    },
    hold: (needs) => slotOf({ id: ids++, needs, gpus: [] }),
  };
}
