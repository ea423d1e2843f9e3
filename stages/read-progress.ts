import type { StageEvent } from '../src/pipeline/events.ts';

export interface ReadProgress {
  add(bytes: number): void;
  /** Tells the last state, whenever the one before was told. */
  close(): void;
}

/** How much of what must be read was read, told twice a second. */
export function openReadProgress(totalBytes: number, emit: (event: StageEvent) => void): ReadProgress {
  const began = Date.now();
  let next = began + TELL_EVERY_MS;
  let done = 0;
  const tell = (): void => {
    const rate = done / 1e6 / Math.max(0.001, (Date.now() - began) / 1000);
    emit({
      kind: 'progress',
      done: megabytes(done),
      total: megabytes(totalBytes),
      unit: 'MB',
      note: `${rate.toFixed(1)} MB/s`,
    });
  };
  return {
    add(bytes) {
      done += bytes;
      if (Date.now() < next) return;
      next = Date.now() + TELL_EVERY_MS;
      tell();
    },
    close: tell,
  };
}

/** As events show them: to two places. */
export const megabytes = (bytes: number): number => Math.round(bytes / 1e4) / 100;

// -----------------------------------------------------------------------------------------------------------

const TELL_EVERY_MS = 500;
