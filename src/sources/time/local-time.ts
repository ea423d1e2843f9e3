/** A local date and time without its zone. */
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
 * Converts local time in the zone to milliseconds since 1970. A time that occurred twice means the first one. A time
 * that was skipped is read with the offset from before the change. Throws a RangeError if the zone is unknown.
 */
export function zoneClock(timeZone: string): (wall: WallClock) => number {
  const offsetAt = offsets(timeZone);
  return ({ year, month, day, hour, minute, second }) => {
    const asUtc = Date.UTC(year, month - 1, day, hour, minute, second);
    // The offset must be the one at the result itself. If two offsets fit, the larger one gives the earlier result.
    const before = offsetAt(asUtc - DAY_MS);
    const after = offsetAt(asUtc + DAY_MS);
    for (const offset of [Math.max(before, after), Math.min(before, after)])
      if (offsetAt(asUtc - offset) === offset) return asUtc - offset;
    return asUtc - before;
  };
}

/** Known names. Checking a name loads the tables of all zones, and a thousand stages may name the same one. */
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
/** Offsets change only at multiples of 15 minutes. */
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
    // No day has two changes, so if its ends have the same offset, so has the whole day. This saves most lookups,
    // each of which costs as much as reading a message.
    const day = Math.floor(time / DAY_MS) * DAY_MS;
    const offset = offsetOf(day);
    return offset === offsetOf(day + DAY_MS) ? offset : offsetOf(Math.floor(time / STEP_MS) * STEP_MS);
  };
}
