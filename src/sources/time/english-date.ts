import type { WallClock } from './local-time.ts';

/** A date and time of day as written on an English page. */
export interface WrittenDate extends WallClock {
  /** minutes east of UTC; null if no zone is written */
  zoneMinutes: number | null;
}

/**
 * `Oct 19, 2019, 2:37 PM`, `October 19, 2019 at 2:37:05 PM`, `19 Oct 2019, 14:37`, `Saturday, October 19, 2019 at
 * 2:37pm UTC+02`. Null for anything else, in particular for numeric dates, whose month is ambiguous.
 */
export function englishDate(text: string): WrittenDate | null {
  if (text.length > LONGEST) return null;
  const match = MONTH_FIRST.exec(text) ?? DAY_FIRST.exec(text);
  if (!match?.groups) return null;
  const { month, day, year, hour, minute, second, half, sign, zoneHours, zoneMinutes, utc } = match.groups;
  const written: WrittenDate = {
    year: Number(year),
    month: MONTHS.indexOf(month!.slice(0, 3).toLowerCase()) + 1,
    day: Number(day),
    hour: hourOfDay(Number(hour), half),
    minute: Number(minute),
    second: Number(second ?? 0),
    zoneMinutes:
      zoneHours === undefined
        ? utc
          ? 0
          : null
        : (sign === '-' ? -1 : 1) * (Number(zoneHours) * 60 + Number(zoneMinutes ?? 0)),
  };
  return isRealDate(written) ? written : null;
}

const MONTHS = ['jan', 'feb', 'mar', 'apr', 'may', 'jun', 'jul', 'aug', 'sep', 'oct', 'nov', 'dec'];
const LONGEST = 80;

const WEEKDAY = String.raw`(?:(?:Mon|Tues?|Wed(?:nes)?|Thu(?:rs)?|Fri|Sat(?:ur)?|Sun)(?:day)?,?\s+)?`;
const MONTH = String.raw`(?<month>Jan(?:uary)?|Feb(?:ruary)?|Mar(?:ch)?|Apr(?:il)?|May|June?|July?|Aug(?:ust)?|Sept?(?:ember)?|Oct(?:ober)?|Nov(?:ember)?|Dec(?:ember)?)\.?`;
const DAY = String.raw`(?<day>\d{1,2})`;
const YEAR = String.raw`(?<year>\d{4})`;
// Since 2023 the space before AM and PM is a narrow no-break space, which \s matches.
const TIME = String.raw`(?:,?\s+(?:at\s+)?)(?<hour>\d{1,2}):(?<minute>\d\d)(?::(?<second>\d\d))?(?:\s*(?<half>[ap])\.?m\.?)?`;
const ZONE = String.raw`(?:\s*(?:UTC|GMT)?(?<sign>[+-])(?<zoneHours>\d{1,2}):?(?<zoneMinutes>\d\d)?|\s+(?<utc>UTC|GMT))?`;
const MONTH_FIRST = new RegExp(String.raw`^\s*${WEEKDAY}${MONTH}\s+${DAY},?\s+${YEAR}${TIME}${ZONE}\s*$`, 'i');
const DAY_FIRST = new RegExp(String.raw`^\s*${WEEKDAY}${DAY}\s+${MONTH},?\s+${YEAR}${TIME}${ZONE}\s*$`, 'i');

function hourOfDay(hour: number, half: string | undefined): number {
  if (half === undefined) return hour;
  if (hour < 1 || hour > 12) return NaN;
  return (hour % 12) + (half.toLowerCase() === 'p' ? 12 : 0);
}

/** Whether the calendar has that day and the clock that time. */
export function isRealDate({ year, month, day, hour, minute, second }: WrittenDate): boolean {
  return (
    day >= 1 && day <= new Date(Date.UTC(year, month, 0)).getUTCDate() && hour <= 23 && minute <= 59 && second <= 59
  );
}
