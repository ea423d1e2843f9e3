/** A clock on a wall: what a page shows, without saying where the wall stood. */
export interface WallClock {
  year: number;
  /** 1 to 12 */
  month: number;
  day: number;
  hour: number;
  minute: number;
  second: number;
}

/**
 * Milliseconds since 1970 of what a clock in the zone showed. An hour that came twice is the first of the two; one that
 * was left out is read as the clock would have gone on. Throws a RangeError if the zone's name is not known.
 */
export function zoneClock(timeZone: string): (wall: WallClock) => number {
  const offsetAt = offsets(timeZone);
  return ({ year, month, day, hour, minute, second }) => {
    const asUtc = Date.UTC(year, month - 1, day, hour, minute, second);
    // The offset in force is that of the result itself; of two that fit, the earlier result is that with the larger offset.
    const before = offsetAt(asUtc - DAY_MS);
    const after = offsetAt(asUtc + DAY_MS);
    for (const offset of [Math.max(before, after), Math.min(before, after)])
      if (offsetAt(asUtc - offset) === offset) return asUtc - offset;
    return asUtc - before;
  };
}

/** Asking loads the tables of all zones, and a thousand stages may name one. */
const timeZones = new Set(['UTC']);

export function isTimeZone(name: string): boolean {
  if (timeZones.has(name)) return true;
  try {
    new Intl.DateTimeFormat('en', { timeZone: name });
    timeZones.add(name);
    return true;
  } catch {
    return false;
  }
}

const DAY_MS = 86_400_000;
/** Offsets change at whole quarters of an hour. */
const STEP_MS = 900_000;

function offsets(timeZone: string): (time: number) => number {
  const format = new Intl.DateTimeFormat('en-US', {
    timeZone,
    hourCycle: 'h23',
    year: 'numeric',
    month: 'numeric',
    day: 'numeric',
    hour: 'numeric',
    minute: 'numeric',
    second: 'numeric',
    era: 'short',
  });
  const known = new Map<number, number>();
  const offsetOf = (time: number): number => {
    const found = known.get(time);
    if (found !== undefined) return found;
    const parts = Object.fromEntries(format.formatToParts(time).map(({ type, value }) => [type, Number(value)]));
    const offset =
      Date.UTC(parts['year']!, parts['month']! - 1, parts['day'], parts['hour'], parts['minute'], parts['second']) -
      time;
    if (known.size < 100_000) known.set(time, offset);
    return offset;
  };
  return (time) => {
    // No day has two changes: where both its ends have one offset, so has all of it. Asking costs as much as reading a message.
    const day = Math.floor(time / DAY_MS) * DAY_MS;
    const offset = offsetOf(day);
    return offset === offsetOf(day + DAY_MS) ? offset : offsetOf(Math.floor(time / STEP_MS) * STEP_MS);
  };
}
