/**
 * The beginning of a message in a log that a phone wrote: `30/01/19, 20:49 - `, `[2019-12-24, 12:23] `, `[01/30/19,
 * 8:49:07 PM] `.
 */
export interface LogHead {
  /** the three numbers of the date as they stand */
  date: [number, number, number];
  /** digits of the first, which are four where it is the year */
  yearFirst: boolean;
  separator: string;
  hour: number;
  minute: number;
  second: number;
  /** a clock of twelve hours */
  half: 'am' | 'pm' | null;
  /** what stands behind: `Name: text`, or what the app says */
  rest: string;
}

const HEAD =
  /^\[?(\d{1,4})([./-])(\d{1,2})\2(\d{1,4})\.?,? (\d{1,2})[:.](\d{2})(?:[:.](\d{2}))?(?: ?([ap])\.? ?m\.?)?(?:\] ?| - )(.*)$/is;

/**
 * Null if the line begins no message, but goes on with the one above it. Marks of writing direction are to be taken out
 * before.
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
 * Left-to-right and right-to-left marks, embeddings and isolates, and byte order marks, which phones strew over their
 * logs.
 */
export function withoutMarks(line: string): string {
  return MARKED.test(line) ? line.replace(MARKS, '').replace(ODD_SPACES, ' ') : line;
}

const MARKED = /[\u00a0\u200e\u200f\u202a-\u202f\u2066-\u2069\ufeff]/;
const MARKS = /[\u200e\u200f\u202a-\u202e\u2066-\u2069\ufeff]/g;
const ODD_SPACES = /[\u00a0\u202f]/g;

export type DateOrder = 'year-month-day' | 'day-month-year' | 'month-day-year';

/** How a log writes its dates, told from all of them. */
export interface DateOrderFound {
  order: DateOrder;
  /**
   * `sure`: a number above 12 says so; `guess`: no date of the log does, and dates that run backwards or the writing
   * decide; `mixed`: they contradict one another
   */
  how: 'sure' | 'guess' | 'mixed';
}

export interface DateOrderVote {
  add(head: LogHead): void;
  result(): DateOrderFound;
}

export function dateOrderVote(): DateOrderVote {
  let yearFirst = 0;
  let dayFirst = 0;
  let monthFirst = 0;
  /** how often a date lies before the one above it, if the day or the month comes first */
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
      if (yearFirst > dayFirst + monthFirst) return { order: 'year-month-day', how: 'sure' };
      if (dayFirst !== monthFirst)
        return {
          order: dayFirst > monthFirst ? 'day-month-year' : 'month-day-year',
          how: dayFirst > 0 && monthFirst > 0 ? 'mixed' : 'sure',
        };
      if (backwards.day !== backwards.month)
        return { order: backwards.day < backwards.month ? 'day-month-year' : 'month-day-year', how: 'guess' };
      // Where people write 1/2/19, 3:00 PM, they are most often in America.
      return { order: twelveWithSlash ? 'month-day-year' : 'day-month-year', how: dayFirst > 0 ? 'mixed' : 'guess' };
    },
  };
}
