import { notice, type Tally } from '../tally.ts';

/**
 * Returns the time of a message, or null if it is implausible: missing, zero, or outside of 1980 to 2099. Times in the
 * near future are kept and only counted, because the result must not depend on the current time.
 */
export function plausibleTime(ms: number, tally: Tally, place: () => string): number | null {
  if (ms >= EARLIEST && ms < LATEST) {
    if (ms > tally.future.after && tally.future.messages++ === 0) tally.future.first = place();
    return ms;
  }
  notice(
    tally,
    Number.isNaN(ms)
      ? 'message without a time that can be read'
      : ms === 0
        ? 'message with a time of zero'
        : ms < EARLIEST
          ? 'message dated before 1980'
          : 'message dated after 2099',
    place(),
  );
  return null;
}

const EARLIEST = Date.UTC(1980, 0);
const LATEST = Date.UTC(2100, 0);
