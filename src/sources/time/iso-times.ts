import { plausibleTime } from './plausible-time.ts';
import type { Tally } from '../tally.ts';

/** Returns a parser of dates such as `2004-11-23T11:49:00.000Z`. It caches the latest, because dates repeat in runs. */
export function isoTimes(tally: Tally): (date: string, place: () => string) => number | null {
  let last: string | null = null;
  let lastTime: number | null = null;
  return (date, place) => {
    if (date === last) return lastTime;
    const ms = isoTime(date);
    const time = plausibleTime(ms, tally, place);
    if (time === ms && ms <= tally.future.after) [last, lastTime] = [date, time];
    return time;
  };
}

/** Milliseconds since 1970; NaN if it is not a date. A date without a zone is UTC. */
export function isoTime(date: string): number {
  const match = ISO.exec(date);
  if (match && Number(match[1]!.slice(8)) > 28 && !isDay(match[1]!)) return NaN; // Date.parse takes February 30th
  return match ? Date.parse(`${match[1]}T${match[2] ?? '00:00:00'}${zoneOf(match[3])}`) : NaN;
}

const ISO = /^\s*(\d{4}-\d\d-\d\d)(?:[T ](\d\d:\d\d(?::\d\d(?:\.\d+)?)?)\s*(Z|UTC|[+-]\d\d(?::?\d\d)?)?)?\s*$/;

function isDay(date: string): boolean {
  return (
    Number(date.slice(8)) <= new Date(Date.UTC(Number(date.slice(0, 4)), Number(date.slice(5, 7)), 0)).getUTCDate()
  );
}

/** PostgreSQL writes `+00`. */
function zoneOf(zone: string | undefined): string {
  if (zone === undefined || zone === 'UTC') return 'Z';
  return zone.length === 3 ? `${zone}:00` : zone;
}
