import { isoTime } from '../time/iso-times.ts';
import { columnOrderVote, type ColumnOrder, type NumericOrder } from '../time/column-order.ts';
import { zoneClock } from '../time/local-time.ts';
import { plausibleTime } from '../time/plausible-time.ts';
import { fullYear, writtenTime, type WrittenTime } from '../time/written-time.ts';
import { monthNamed } from '../time/month-names.ts';
import { notice, warn, type Tally } from '../tally.ts';

/** Reads the times in one column of one file. */
export interface ColumnTimes {
  /**
   * Milliseconds since 1970; NaN if it is not a time. `undecided`: a date such as 01/02/2023, and `decide` has not been
   * called
   */
  read(value: unknown): number | 'undecided';
  /** Sets the order of day and month, found in the whole column, and reports it. */
  decide(order: ColumnOrder): void;
  /** The time of a message, or null. Counts it if it is missing or implausible. `value`: what the column holds. */
  keep(time: number, value: unknown, place: () => string): number | null;
}

export interface ColumnTimesOptions {
  /** the name of the column, for warnings */
  column: string;
  /** of times that name no zone */
  timeZone: string;
  /** as the user declared it */
  dateOrder: NumericOrder | undefined;
  tally: Tally;
  file: string;
}

export function columnTimes({ column, timeZone, dateOrder, tally, file }: ColumnTimesOptions): ColumnTimes {
  const clock = zoneClock(timeZone);
  const isUtc = timeZone === 'UTC';
  let order: NumericOrder | 'none' | null = dateOrder ?? null;
  const read = (value: unknown): number | 'undecided' => {
    const counted = countedTime(value);
    if (counted !== null) return counted;
    if (typeof value !== 'string') return typeof value === 'number' ? read(String(value)) : NaN;
    const iso = isUtc || NAMES_ZONE.test(value) ? isoTime(value) : NaN;
    if (!Number.isNaN(iso)) return iso;
    const written = writtenTime(value);
    if (written === null) return NaN;
    if (written.date.order === 'known') return timeOf(written, null, clock);
    if (order === null && written.date.numbers[0] > 12 && written.date.numbers[1] > 12) return NaN;
    if (order === null) return 'undecided';
    return order === 'none' ? NaN : timeOf(written, order, clock);
  };
  return {
    read,
    decide(found) {
      order = found.certainty === 'mixed' ? 'none' : found.order;
      reportOrder(found, { column, tally, file });
    },
    keep(time, value, place) {
      const isMissing = value === undefined || value === null || (typeof value === 'string' && value.trim() === '');
      if (isMissing || time === 0 || (time >= EARLIEST && time < LATEST)) {
        if (time > 0 && time < COUNTED_FROM && countedTime(value) === time)
          warn(
            tally,
            `time in column "${column}" that would be before 2000: perhaps it is not counted from 1970 (Apple counts from 2001)`,
            place(),
            shownValue(value),
          );
        return plausibleTime(time, tally, place);
      }
      const what = Number.isNaN(time)
        ? 'that cannot be read'
        : `that would be ${time < EARLIEST ? 'before 1980' : 'after 2099'}`;
      warn(tally, `time in column "${column}" ${what}: the message has none`, place(), shownValue(value));
      return null;
    },
  };
}

/** The order of day and month in a column that has dates such as 01/02/2023. */
export async function columnOrder(values: AsyncIterable<unknown>): Promise<ColumnOrder> {
  const vote = columnOrderVote();
  for await (const value of values) {
    const written = typeof value === 'string' && countedTime(value) === null ? writtenTime(value) : null;
    if (written !== null) vote.add(written);
  }
  return vote.result();
}

/** Milliseconds since 1970 of a number of seconds, milli-, micro- or nanoseconds, told by its size. Null: no number. */
export function countedTime(value: unknown): number | null {
  if (typeof value !== 'number' && (typeof value !== 'string' || !NUMBER.test(value))) return null;
  const number = typeof value === 'number' ? value : Number(value.replace(',', '.'));
  const size = Math.abs(number);
  if (COMPACT_DATE.test(String(value).trim())) return null; // 20230130 would be seconds of 1970
  if (size < 1e11) return Math.round(number * 1000);
  if (size < 1e14) return Math.round(number);
  if (size < 1e17) return Math.round(number / 1000);
  // Nanoseconds before 2000 are counted from another year: Apple's from 2001, .NET's ticks from the year 1.
  return size < 9.46e17 ? NaN : Math.round(number / 1e6);
}

const NUMBER = /^\s*-?\d+([.,]\d+)?\s*$/;
const COMPACT_DATE = /^(19[89]\d|20\d\d)(0[1-9]|1[0-2])([0-2]\d|3[01])(([01]\d|2[0-3])[0-5]\d([0-5]\d)?)?$/;
const NAMES_ZONE = /(Z|UTC|:\d\d\S*\s*[+-]\d\d:?(\d\d)?)\s*$/;
const EARLIEST = Date.UTC(1980, 0);
const LATEST = Date.UTC(2100, 0);
/** Few chats are older. */
const COUNTED_FROM = Date.UTC(2000, 0);

function timeOf(written: WrittenTime, order: NumericOrder | null, clock: ReturnType<typeof zoneClock>): number {
  const { date, hour, minute, second, ms, zoneMinutes } = written;
  const [a, b, c] = date.numbers;
  const [years, month, day] =
    date.order === 'known' || order === 'year-month-day'
      ? [a, b, c]
      : order === 'month-day-year'
        ? [c, a, b]
        : [c, b, a];
  const year = fullYear({ value: years });
  if (month < 1 || month > 12 || day < 1 || day > new Date(Date.UTC(year, month, 0)).getUTCDate()) return NaN;
  if (zoneMinutes !== null) return Date.UTC(year, month - 1, day, hour, minute, second, ms) - zoneMinutes * 60_000;
  return clock({ year, month, day, hour, minute, second }) + ms;
}

function reportOrder(
  { order, certainty }: ColumnOrder,
  { column, tally, file }: Pick<ColumnTimesOptions, 'column' | 'tally' | 'file'>,
): void {
  const dates = `file with dates of the form ${order} in column "${column}"`;
  if (certainty === 'sure') notice(tally, dates, file);
  else if (certainty === 'guess')
    warn(tally, `${dates}: a guess, because nothing in it decides the order; \`dateOrder\` sets the order`, file);
  else
    warn(
      tally,
      `file whose dates in column "${column}" contradict each other: the day comes first in some, the month in others; \`dateOrder\` sets the order`,
      file,
    );
}

/** A value of a time column as it may be shown. Words are left out: the column may turn out to hold texts or names. */
function shownValue(value: unknown): string {
  if (typeof value !== 'string' && typeof value !== 'number') return typeof value;
  return String(value)
    .slice(0, LONGEST_SHOWN)
    .replace(/\p{L}[\p{L}\p{M}]*/gu, (word) =>
      /^(T|Z|[AP]M|[A-Z]{3,4})$/.test(word) || monthNamed(word) !== null ? word : '…',
    );
}

const LONGEST_SHOWN = 40;
