import { wholeSeconds } from './durations.ts';
import { secondsLeft } from './eta.ts';
import type { Mark } from './eta.ts';
import { shown, writeAfter } from './printable.ts';

/** Progress in bytes: on a terminal one line that is redrawn, elsewhere a plain line every ten seconds. */
export interface ProgressLines {
  update(done: number, total: number, phase: string): void;
  close(): void;
}

export function progressLines(stream: NodeJS.WriteStream): ProgressLines {
  const live = stream.isTTY;
  let phaseStart: Mark & { phase: string } = { phase: '', timeMs: 0, done: 0 };
  let shownMs = 0;
  return {
    update(done, total, phase) {
      const timeMs = Date.now();
      if (phase !== phaseStart.phase) phaseStart = { phase, timeMs, done };
      else if (timeMs - shownMs < (live ? 200 : 10_000)) return;
      shownMs = timeMs;
      const amount = total > 0 ? ` ${megabytes(done)}/${megabytes(total)} MB` : '';
      const text = [`${phase}${amount}`, ...(total > 0 ? rateAndEta(phaseStart, { done, timeMs }, total) : [])].join(
        ' · ',
      );
      if (live) writeAfter(stream, '\r\x1b[K', text);
      else stream.write(`${shown(text)}\n`);
    },
    close: () => void (live && writeAfter(stream, '\r\x1b[K', '')),
  };
}

// ---------------------------------------------------------------------------

/** The rate over a shorter time means nothing. */
const LEAST_MS = 300;

function rateAndEta(since: Mark, now: Mark, total: number): string[] {
  const [moved, elapsed] = [now.done - since.done, now.timeMs - since.timeMs];
  if (moved <= 0 || elapsed <= LEAST_MS) return [];
  const left = secondsLeft(since, now, total);
  return [`${(moved / 1000 / elapsed).toFixed(1)} MB/s`, ...(left === null ? [] : [`${wholeSeconds(left)} left`])];
}

const megabytes = (bytes: number): string => (bytes / 1e6).toFixed(0);
