import { englishDate, type WrittenDate } from './english-date.ts';
import { localDate, type DateStyle } from './local-date.ts';
import type { zoneClock } from './local-time.ts';

/** Reads a date in English, or in the style of its file. */
export function readDate(text: string, style: DateStyle | null): WrittenDate | null {
  return englishDate(text) ?? (style && localDate(text, style));
}

/** Milliseconds since 1970. A date without a zone is local time of the clock's zone. */
export function dateMs(written: WrittenDate, clock: ReturnType<typeof zoneClock>): number {
  const { year, month, day, hour, minute, second, zoneMinutes } = written;
  return zoneMinutes === null
    ? clock(written)
    : Date.UTC(year, month - 1, day, hour, minute, second) - zoneMinutes * 60_000;
}
