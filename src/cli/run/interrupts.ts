import { setMaxListeners } from 'node:events';
import type { Interrupts } from '../../run/session.ts';

export interface WatchedInterrupts extends Interrupts {
  /** whether a signal has arrived; a run that stops itself after a failure does not count */
  byPerson(): boolean;
  close(): void;
}

/**
 * Turns signals into requests: the first Ctrl-C, a SIGTERM or a terminal that closes (SIGHUP) stops; a second Ctrl-C or
 * SIGTERM kills; SIGUSR1 saves. A closing terminal may send SIGHUP twice, so a second one is ignored.
 */
export function watchInterrupts(say: (text: string) => void): WatchedInterrupts {
  const asked = { 'no-new': new AbortController(), stop: new AbortController(), kill: new AbortController() };
  const saves = new EventTarget();
  for (const { signal } of Object.values(asked)) setMaxListeners(0, signal);
  setMaxListeners(0, saves);
  let byPerson = false;
  const ask = (what: 'no-new' | 'stop' | 'kill'): void => {
    asked['no-new'].abort();
    if (what !== 'no-new') asked.stop.abort();
    if (what === 'kill') asked.kill.abort();
  };
  const onSignal = (signal: NodeJS.Signals): void => {
    const again = byPerson;
    byPerson = true;
    if (again && signal !== 'SIGHUP') return ask('kill');
    if (!again) say('stopping: running stages save their state first; press Ctrl-C again to stop at once');
    ask('stop');
  };
  const onSave = (): void => void saves.dispatchEvent(new Event('save'));
  const signals = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;
  for (const signal of signals) process.on(signal, onSignal);
  process.on('SIGUSR1', onSave);
  const close = (): void => {
    for (const signal of signals) process.removeListener(signal, onSignal);
    process.removeListener('SIGUSR1', onSave);
  };
  return {
    noNew: asked['no-new'].signal,
    stop: asked.stop.signal,
    kill: asked.kill.signal,
    saves,
    ask,
    byPerson: () => byPerson,
    close,
  };
}
