/** First Ctrl-C: save and stop. Second: at once. */
export function watchInterrupts(say: (text: string) => void): { stop: AbortSignal; kill: AbortSignal; close(): void } {
  const stop = new AbortController();
  const kill = new AbortController();
  const onSignal = (): void => {
    if (!stop.signal.aborted) {
      say('stopping: the running stage saves first; press Ctrl-C again to stop at once');
      stop.abort();
    } else kill.abort();
  };
  const signals = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;
  for (const signal of signals) process.on(signal, onSignal);
  return { stop: stop.signal, kill: kill.signal, close: () => signals.forEach((signal) => process.removeListener(signal, onSignal)) };
}
