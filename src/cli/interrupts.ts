/** What a person may ask of a run from outside. */
export interface Interrupts {
  /** first Ctrl-C, SIGTERM or SIGHUP: save and stop */
  stop: AbortSignal;
  /** second: at once */
  kill: AbortSignal;
  /** its `save` events, on SIGUSR1: save and go on */
  saves: EventTarget;
  close(): void;
}

export function watchInterrupts(say: (text: string) => void): Interrupts {
  const stop = new AbortController();
  const kill = new AbortController();
  const saves = new EventTarget();
  const onSignal = (): void => {
    if (!stop.signal.aborted) {
      say('stopping: the running stage saves first; press Ctrl-C again to stop at once');
      stop.abort();
    } else kill.abort();
  };
  const onSave = (): void => void saves.dispatchEvent(new Event('save'));
  const signals = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;
  for (const signal of signals) process.on(signal, onSignal);
  process.on('SIGUSR1', onSave);
  const close = (): void => {
    for (const signal of signals) process.removeListener(signal, onSignal);
    process.removeListener('SIGUSR1', onSave);
  };
  return { stop: stop.signal, kill: kill.signal, saves, close };
}
