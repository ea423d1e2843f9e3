import type { StageEvent } from '../../src/pipeline/events.ts';

export interface Progress {
  add(bytes: number): void;
  /** Tells the last state, whenever the one before was told. */
  close(): void;
}

/** How much of the files was read, told twice a second. */
export function openProgress(totalBytes: number, emit: (event: StageEvent) => void): Progress {
  const began = Date.now();
  let next = began + TELL_EVERY_MS;
  let done = 0;
  const tell = (): void => {
    const rate = done / 1e6 / Math.max(0.001, (Date.now() - began) / 1000);
    emit({ kind: 'progress', done: megabytes(done), total: megabytes(totalBytes), unit: 'MB', note: `${rate.toFixed(1)} MB/s` });
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

const TELL_EVERY_MS = 500;
const megabytes = (bytes: number): number => Math.round(bytes / 1e4) / 100;
