/**
 * The head of a message in a log exported by a phone: `30/01/19, 20:49 - `, `[2019-12-24, 12:23] `, `[01/30/19, 8:49:07
 * PM] `.
 */
export interface LogHead {
  /** the three numbers of the date, as written */
  date: [number, number, number];
  /** whether the first number has four digits */
  yearFirst: boolean;
  separator: string;
  hour: number;
  minute: number;
  second: number;
  /** null on a 24-hour clock */
  half: 'am' | 'pm' | null;
  /** the rest of the line: `Name: text`, or a line of the app itself */
  rest: string;
}

const HEAD =
  /^\[?(\d{1,4})([./-])(\d{1,2})\2(\d{1,4})\.?,? (\d{1,2})[:.](\d{2})(?:[:.](\d{2}))?(?: ?([ap])\.? ?m\.?)?(?:\] ?| - )(.*)$/is;

/**
 * Null if the line does not begin a message but continues the one above. Direction marks must have been removed with
 * `withoutMarks`.
 */
export function logHead(line: string): LogHead | null {
  const match = HEAD.exec(line);
  if (!match) return null;
  const [, a, separator, b, c, hour, minute, second = '0', half, rest] = match;
  if (Number(hour) > 24 || Number(minute) > 59 || Number(second) > 60) return null;
  const letter = half?.toLowerCase();
  return {
    date: [Number(a), Number(b), Number(c)],
    yearFirst: a!.length === 4,
    separator: separator!,
    hour: Number(hour),
    minute: Number(minute),
    second: Number(second),
    half: letter === 'a' ? 'am' : letter === 'p' ? 'pm' : null,
    rest: rest!,
  };
}

/**
 * Removes direction marks, embeddings, isolates and byte order marks, which phones scatter over their logs, and
 * replaces no-break spaces by ordinary ones.
 */
export function withoutMarks(line: string): string {
  return MARKED.test(line) ? line.replace(MARKS, '').replace(ODD_SPACES, ' ') : line;
}

const MARKED = /[\u00a0\u200e\u200f\u202a-\u202f\u2066-\u2069\ufeff]/;
const MARKS = /[\u200e\u200f\u202a-\u202e\u2066-\u2069\ufeff]/g;
const ODD_SPACES = /[\u00a0\u202f]/g;

export type DateOrder = 'year-month-day' | 'day-month-year' | 'month-day-year';

/** The order of day, month and year in a log, inferred from all of its dates. */
export interface DateOrderFound {
  order: DateOrder;
  /**
   * `sure`: a number above 12 decides; `guess`: there is none, so the chronological order or the notation decides;
   * `mixed`: the dates contradict each other
   */
  certainty: 'sure' | 'guess' | 'mixed';
}

export interface DateOrderVote {
  add(head: LogHead): void;
  result(): DateOrderFound;
}

export function dateOrderVote(): DateOrderVote {
  let yearFirst = 0;
  let dayFirst = 0;
  let monthFirst = 0;
  /** how often a date is earlier than the one above it, if read with the day or the month first */
  const backwards = { day: 0, month: 0 };
  let last: { day: number; month: number } | null = null;
  let twelveWithSlash = false;
  return {
    add({ date: [a, b, c], yearFirst: year, separator, half }) {
      if (year) yearFirst++;
      else {
        if (a > 12 && a <= 31) dayFirst++;
        if (b > 12 && b <= 31) monthFirst++;
        const now = { day: (c * 100 + b) * 100 + a, month: (c * 100 + a) * 100 + b };
        if (last && now.day < last.day) backwards.day++;
        if (last && now.month < last.month) backwards.month++;
        last = now;
        twelveWithSlash ||= separator === '/' && half !== null;
      }
    },
    result() {
      if (yearFirst > dayFirst + monthFirst) return { order: 'year-month-day', certainty: 'sure' };
      if (dayFirst !== monthFirst)
        return {
          order: dayFirst > monthFirst ? 'day-month-year' : 'month-day-year',
          certainty: dayFirst > 0 && monthFirst > 0 ? 'mixed' : 'sure',
        };
      if (backwards.day !== backwards.month)
        return { order: backwards.day < backwards.month ? 'day-month-year' : 'month-day-year', certainty: 'guess' };
      // 1/2/19, 3:00 PM is mostly American notation.
      return {
        order: twelveWithSlash ? 'month-day-year' : 'day-month-year',
        certainty: dayFirst > 0 ? 'mixed' : 'guess',
      };
    },
  };
}
