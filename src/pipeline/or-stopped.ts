import { StageStopped } from './stage-kind.ts';

/**
 * The result of `work`; throws StageStopped as soon as the signal fires, without waiting for the call into the engine
 * that is in progress. Only for work that has nothing to save: it is abandoned.
 */
export async function orStopped<T>(work: Promise<T>, signal: AbortSignal): Promise<T> {
  work.catch(() => {}); // nobody waits for abandoned work
  let stop = (): void => {};
  const stopped = new Promise<never>((_, reject) => {
    stop = () => reject(new StageStopped());
    if (signal.aborted) stop();
    else signal.addEventListener('abort', stop, { once: true });
  });
  try {
    return await Promise.race([work, stopped]);
  } finally {
    signal.removeEventListener('abort', stop);
  }
}
