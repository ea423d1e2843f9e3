import type { StageEvent } from '../src/pipeline/events.ts';

export interface ReadProgress {
  add(bytes: number): void;
  /** Reports the final state, however recent the last report is. */
  close(): void;
}

/** Reports twice a second how many bytes have been read. */
export function openReadProgress(totalBytes: number, emit: (event: StageEvent) => void): ReadProgress {
  const began = Date.now();
  let next = began + REPORT_EVERY_MS;
  let done = 0;
  const report = (): void => {
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
      next = Date.now() + REPORT_EVERY_MS;
      report();
    },
    close: report,
  };
}

/** Megabytes with two decimals, as shown in events. */
export const megabytes = (bytes: number): number => Math.round(bytes / 1e4) / 100;

// -----------------------------------------------------------------------------------------------------------

const REPORT_EVERY_MS = 500;
