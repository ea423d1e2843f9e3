import { notice, type Tally } from '../tally.ts';

/**
 * A time stamp as it stands in a message, or null where it cannot be one: missing, zero, or of a year in which nobody
 * chatted. What is in the future but near stays, and is only counted: what is read must not depend on the clock.
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
