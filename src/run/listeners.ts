import { existsSync } from 'node:fs';
import type { Listener, RunEvent } from '../pipeline/events.ts';

/**
 * Sends each event to several listeners; the run continues whatever they throw. A listener that the system failed (a
 * full disk) gets that event again before the next one, until it succeeds, so that in the end it has got all of them.
 * So listeners must accept an event that they have partly handled before.
 */
export function broadcast(listeners: Record<string, Listener>, warn: (text: string) => void): Listener {
  const patient = Object.entries(listeners).map(([name, listen]) => patientListener(name, listen, warn));
  return (event) => {
    for (const listen of patient) listen(event);
  };
}

function patientListener(name: string, listen: Listener, warn: (text: string) => void): Listener {
  let owed: RunEvent[] = [];
  let failing = false;
  const isTold = (event: RunEvent): boolean => {
    try {
      listen(event);
      return true;
    } catch (error) {
      const message = error instanceof Error ? error.message : String(error);
      const comesAgain = /^E[A-Z0-9]+$/.test((error as NodeJS.ErrnoException).code ?? ''); // from the system
      if (!failing) warn(`${name} failed: ${message}${comesAgain ? '; it will be retried' : ''}`);
      failing = true;
      return !comesAgain;
    }
  };
  return (event) => {
    if (owed.length > 0 && isPassing(event)) return;
    owed.push(event);
    const unheard = owed.findIndex((each) => !isTold(each));
    if (unheard === -1 && owed.length > 1) {
      warn(`${name} works again; it has missed nothing`);
      failing = false;
    }
    owed = unheard === -1 ? [] : owed.slice(unheard);
  };
}

/** Progress is outdated by the time that it could be told. */
const isPassing = (event: RunEvent): boolean => event.kind === 'stage-event' && event.event.kind === 'progress';

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
