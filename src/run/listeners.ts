import { existsSync } from 'node:fs';
import type { Listener } from '../pipeline/events.ts';

/** Sends each event to several listeners. A listener that throws is reported once and dropped; the run continues. */
export function broadcast(listeners: Record<string, Listener>, warn: (text: string) => void): Listener {
  const active = new Map(Object.entries(listeners));
  return (event) => {
    for (const [name, listen] of active) {
      try {
        listen(event);
      } catch (error) {
        active.delete(name);
        warn(`${name} failed and gets no more events: ${error instanceof Error ? error.message : String(error)}`);
      }
    }
  };
}

/** For listeners that write into the run's folder: if someone removes it, warn once and do not recreate it. */
export function whileFolderExists(dir: string, listen: Listener, warn: (text: string) => void): Listener {
  let isRemoved = false;
  return (event) => {
    if (isRemoved) return;
    // checked when a stage or the run starts or ends, not at every metric
    isRemoved = event.kind !== 'stage-event' && !existsSync(dir);
    if (isRemoved)
      return warn(
        `the run's folder was removed while it was running: ${dir}\n  no results are lost: they are in the store, and the same command finds them there; only the record of this run is incomplete`,
      );
    listen(event);
  };
}
