import { setMaxListeners } from 'node:events';
import type { Interrupts } from '../../run/session.ts';

/** Two signals within this time are one key press. */
const SAME_PRESS_MS = 50;

export interface WatchedInterrupts extends Interrupts {
  /** whether a signal has arrived; a run that stops itself after a failure does not count */
  byPerson(): boolean;
  close(): void;
}

/**
 * Turns signals into requests: the first Ctrl-C, a SIGTERM or a terminal that closes (SIGHUP) stops; a second Ctrl-C or
 * SIGTERM kills; SIGUSR1 saves. Only a person may kill: a closing session may send SIGHUP twice, or SIGTERM after it,
 * and npm passes on the Ctrl-C that we also get from the terminal, within milliseconds.
 */
export function watchInterrupts(say: (text: string) => void): WatchedInterrupts {
  const asked = { 'no-new': new AbortController(), stop: new AbortController(), kill: new AbortController() };
  const saves = new EventTarget();
  for (const { signal } of Object.values(asked)) setMaxListeners(0, signal);
  setMaxListeners(0, saves);
  let byPerson = false;
  let first: { signal: NodeJS.Signals; ms: number } | null = null;
  const ask = (what: 'no-new' | 'stop' | 'kill'): void => {
    asked['no-new'].abort();
    if (what !== 'no-new') asked.stop.abort();
    if (what === 'kill') asked.kill.abort();
  };
  const onSignal = (signal: NodeJS.Signals): void => {
    byPerson = true;
    if (first === null) {
      first = { signal, ms: performance.now() };
      say('stopping: running stages save their state first; press Ctrl-C again to kill them at once');
      return ask('stop');
    }
    const isRepeat = signal === 'SIGHUP' || (signal === 'SIGTERM' && first.signal === 'SIGHUP');
    if (isRepeat || performance.now() - first.ms < SAME_PRESS_MS || asked.kill.signal.aborted) return;
    say('killing the running stages: what they have not saved is lost');
    ask('kill');
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
