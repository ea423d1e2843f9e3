import { allDateWords, wordsOf, type DateWords } from './date-words.ts';
import { hourOfDay } from './day-halves.ts';
import type { SourceOptions } from '../source-options.ts';
import { isRealDate, type WrittenDate } from './english-date.ts';

/** How the dates of one file are written. */
export interface DateStyle {
  words: DateWords;
  /** where the month is a number: whether the day stands before it */
  dayFirst: boolean;
  /** nothing in the file decides between several languages, or between day and month */
  guessed: boolean;
}

/** Collects the dates of one file, and decides by all of them how they are written. */
export interface DateStyleFinder {
  add(date: string): void;
  /** Null if the dates are in no known language. */
  style(): DateStyle | null;
}

/** `order`: the user's setting, for a file whose numeric dates do not tell their order themselves. */
export function findDateStyle(order?: SourceOptions['dateOrder']): DateStyleFinder {
  /** the words of each date without its numbers → one such date */
  const samples = new Map<string, string>();
  const numeric = { dayFirst: false, monthFirst: false, any: false };
  return {
    add(date) {
      const parts = dateParts(date);
      if (parts === null) return;
      const words = wordsOf(parts.rest).join(' ');
      if (samples.size < MOST_SAMPLES && !samples.has(words)) samples.set(words, date);
      const [first = 0, second = 0] = parts.numbers;
      if (parts.numbers.length !== 2 || parts.yearFirst) return;
      numeric.any = true;
      numeric.dayFirst ||= first > 12;
      numeric.monthFirst ||= second > 12;
    },
    style() {
      const isTold = numeric.dayFirst !== numeric.monthFirst;
      const dayFirst = isTold ? numeric.dayFirst : order !== 'month-day-year';
      const isGuess = numeric.any && !isTold && order === undefined;
      return bestStyle([...samples.values()], dayFirst, isGuess);
    },
  };
}

const MOST_SAMPLES = 1000;

function bestStyle(samples: string[], dayFirst: boolean, isGuess: boolean): DateStyle | null {
  const fits = allDateWords().map((words) => {
    const style: DateStyle = { words, dayFirst, guessed: false };
    return { style, months: samples.map((sample) => localDate(sample, style)?.month ?? 0) };
  });
  const count = (months: number[]): number => months.filter((month) => month > 0).length;
  const best = fits.reduce((most, fit) => (count(fit.months) > count(most.months) ? fit : most));
  if (count(best.months) === 0) return null;
  const others = fits.filter(({ months }) => count(months) === count(best.months));
  const ambiguous = others.some(({ months }) => months.some((month, i) => month !== best.months[i]));
  return { ...best.style, guessed: isGuess || ambiguous };
}

/** Reads a date with its time of day: `30. Januar 2023 um 20:49`, `2023年1月30日 下午8:49`. Null if it is none. */
export function localDate(text: string, { words, dayFirst }: DateStyle): WrittenDate | null {
  const parts = dateParts(text);
  if (parts === null) return null;
  const { numbers, yearFirst } = parts;
  const named = monthNamed(wordsOf(parts.rest), words);
  const dayAt = named !== null || (dayFirst && !yearFirst) ? 0 : 1;
  if (numbers.length !== (named === null ? 2 : 1)) return null;
  const { year, hour, minute, second, zoneMinutes } = parts;
  const written = {
    year,
    month: named ?? numbers[1 - dayAt]!,
    day: numbers[dayAt]!,
    hour,
    minute,
    second,
    zoneMinutes,
  };
  return written.month >= 1 && written.month <= 12 && isRealDate(written) ? written : null;
}

function monthNamed(found: string[], { month, isWeekday }: DateWords): number | null {
  const months = found.filter((word) => month(word) !== null);
  const [name] = [...months.filter((word) => !isWeekday(word)), ...months];
  return name === undefined ? null : month(name);
}

interface DateParts extends Pick<WrittenDate, 'year' | 'hour' | 'minute' | 'second' | 'zoneMinutes'> {
  /** day and month, or the day alone, in the order of the text */
  numbers: number[];
  yearFirst: boolean;
  /** the text without the time of day and the zone */
  rest: string;
}

function dateParts(text: string): DateParts | null {
  if (text.length > LONGEST) return null;
  const plain = latinDigits(text);
  const zone = ZONE.exec(plain);
  const unzoned = zone ? plain.replace(zone[0], ' ') : plain;
  const time = CLOCKS.map((clock) => clock.exec(unzoned)).find((match) => match !== null);
  if (!time?.groups) return null;
  const [before, after] = [unzoned.slice(0, time.index), unzoned.slice(time.index + time[0].length)];
  const hour = hourOfDay(Number(time.groups['hour']), /[^\d,،:]*$/.exec(before)![0], /^[^\d,،:]*/.exec(after)![0]);
  const rest = `${before} ${after}`;
  const numbers = rest.match(/\d+/g) ?? [];
  const year = numbers.find((digits) => digits.length === 4);
  if (hour === null || year === undefined) return null;
  return {
    year: Number(year) - (Number(year) > 2400 ? BUDDHIST_YEARS : 0),
    hour,
    minute: Number(time.groups['minute']),
    second: Number(time.groups['second'] ?? 0),
    zoneMinutes: zone ? (zone[1] === undefined ? 0 : minutesEast(zone[1], zone[2]!, zone[3])) : null,
    numbers: numbers.filter((digits) => digits !== year).map(Number),
    yearFirst: numbers[0] === year,
    rest,
  };
}

const LONGEST = 120;
const BUDDHIST_YEARS = 543;
const ZONE = /(?:UTC|GMT)\s*(?:([+\-−])(\d{1,2})(?::?(\d\d))?)?/;
/** `20:49:07`, `20 h 49`, `20時49分`, `20.49.07`; the last only where a date with dots cannot be meant. */
const CLOCKS = [
  /(?<![\d:])(?<hour>\d{1,2}):(?<minute>\d\d)(?::(?<second>\d\d))?(?![\d:])/,
  /(?<!\d)(?<hour>\d{1,2})\s*[hH]\s*(?<minute>\d\d)(?!\d)/,
  /(?<!\d)(?<hour>\d{1,2})\s*[時时点點시]\s*(?<minute>\d{1,2})\s*[分분](?:\s*(?<second>\d{1,2})\s*[秒초])?/,
  /(?<![\d.])(?<hour>\d{1,2})\.(?<minute>\d\d)(?:\.(?<second>\d\d))?(?![\d.])/,
];

function minutesEast(sign: string, hours: string, minutes = '0'): number {
  return (sign === '+' ? 1 : -1) * (Number(hours) * 60 + Number(minutes));
}

/** Digits of any script as 0 to 9, without the marks that set the direction of text. */
function latinDigits(text: string): string {
  return text
    .replace(/[\u200e\u200f\u061c\u202a-\u202e\u2066-\u2069]/g, '')
    .replace(/(?![0-9])\p{Nd}/gu, (digit) => String(digitValue(digit.codePointAt(0)!)));
}

/** Unicode has the ten digits of a script in a row, beginning at a multiple of 16 or six after one. */
function digitValue(code: number): number {
  let zero = code;
  while (code - zero < 9 && /\p{Nd}/u.test(String.fromCodePoint(zero - 1))) zero--;
  return code - zero;
}
