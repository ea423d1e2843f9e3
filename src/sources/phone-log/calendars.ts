/** A day of the Gregorian calendar; null if there is no such day in the calendar that its year belongs to. */
export interface Day {
  year: number;
  month: number;
  day: number;
}

/**
 * The day that a phone meant, whose year tells its calendar: 2562 is Buddhist, 1398 Persian, 1440 Islamic, 108 of the
 * Republic of China. Phone logs begin about 2009, so 62 is 2562 and 98 is 1398. Any other year of two digits is of this
 * century.
 */
export function gregorianDay(year: number, month: number, day: number): Day | null {
  const calendar = year < 100 ? shortYear(year) : longYear(year);
  if (calendar.name !== 'gregory') return convertedDay(calendar.name, calendar.year, month, day);
  const exists =
    month >= 1 && month <= 12 && day >= 1 && day <= new Date(Date.UTC(calendar.year, month, 0)).getUTCDate();
  return exists ? { year: calendar.year, month, day } : null;
}

type Counted = { name: 'gregory' | 'persian' | 'islamic-umalqura'; year: number };

function shortYear(year: number): Counted {
  if (year >= 52 && year <= 87) return { name: 'gregory', year: year + 2500 - 543 };
  if (year >= 88) return { name: 'persian', year: year + 1300 };
  return { name: 'gregory', year: year + 2000 };
}

function longYear(year: number): Counted {
  if (year >= 2450 && year < 2650) return { name: 'gregory', year: year - 543 };
  if (year >= 1360 && year < 1430) return { name: 'persian', year };
  if (year >= 1430 && year < 1480) return { name: 'islamic-umalqura', year };
  if (year >= 100 && year < 150) return { name: 'gregory', year: year + 1911 };
  return { name: 'gregory', year };
}

const DAY_MS = 86_400_000;
/** Days of other calendars already converted; a log has few. */
const converted = new Map<string, Day | null>();

/** Finds the day whose name in the other calendar is this, near the one that the mean length of a year gives. */
function convertedDay(name: 'persian' | 'islamic-umalqura', year: number, month: number, day: number): Day | null {
  const key = `${name} ${year}-${month}-${day}`;
  const known = converted.get(key);
  if (known !== undefined) return known;
  const format = new Intl.DateTimeFormat(`en-u-ca-${name}-nu-latn`, {
    year: 'numeric',
    month: 'numeric',
    day: 'numeric',
    timeZone: 'UTC',
  });
  const near =
    name === 'persian'
      ? Date.UTC(year + 621, 2, 21) + ((month - 1) * 30.6 + day - 1) * DAY_MS
      : Date.UTC(622, 6, 18) + ((year - 1) * 354.36707 + (month - 1) * 29.53 + day - 1) * DAY_MS;
  let found: Day | null = null;
  for (let off = -6; off <= 6 && found === null; off++) {
    const date = new Date(Math.floor(near / DAY_MS) * DAY_MS + off * DAY_MS);
    const parts = Object.fromEntries(format.formatToParts(date).map(({ type, value }) => [type, parseInt(value, 10)]));
    if (parts['year'] === year && parts['month'] === month && parts['day'] === day)
      found = { year: date.getUTCFullYear(), month: date.getUTCMonth() + 1, day: date.getUTCDate() };
  }
  if (converted.size < 10_000) converted.set(key, found);
  return found;
}
