import { existsSync } from 'node:fs';
import type { Listener } from '../pipeline/events.ts';

/**
 * One stream of events to several listeners. One that fails is reported once and dropped: it may lose a chart, never a
 * run.
 */
export function broadcast(listeners: Record<string, Listener>, warn: (text: string) => void): Listener {
  const living = new Map(Object.entries(listeners));
  return (event) => {
    for (const [name, listen] of living) {
      try {
        listen(event);
      } catch (error) {
        living.delete(name);
        warn(`${name} stopped listening: ${error instanceof Error ? error.message : String(error)}`);
      }
    }
  };
}

/**
 * For listeners that write into the run's folder: once a person has removed it, it is not made again, and that is said
 * once.
 */
export function whileFolderExists(dir: string, listen: Listener, warn: (text: string) => void): Listener {
  let gone = false;
  return (event) => {
    if (gone) return;
    // asked at every change, not at every metric
    gone = event.kind !== 'stage-event' && !existsSync(dir);
    if (gone)
      return warn(
        `the run's folder was removed while it ran: ${dir}\n  nothing is lost: results go into the store, and the same command finds them there; only this run's record ends here`,
      );
    listen(event);
  };
}
