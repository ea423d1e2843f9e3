import { monthNamed } from './month-names.ts';

/** A date and time of day as somebody wrote it. */
export interface WrittenTime {
  /**
   * year, month and day if the text tells which is which; otherwise three numbers as written, the last of them the year
   * unless all are short
   */
  date: { order: 'known' | 'unknown'; numbers: [number, number, number]; isShort: boolean };
  hour: number;
  minute: number;
  second: number;
  ms: number;
  /** minutes east of UTC; null if no zone is written */
  zoneMinutes: number | null;
  /** between the numbers of the date */
  separator: string;
  twelveHours: boolean;
}

/**
 * Reads `30.01.2023 20:49:07,25`, `1/30/2023 8:49 PM`, `30 Jan 2023`, `Mon, 30 Jan 2023 20:49:07 +0100`, `2023年1月30日
 * 20:49` and their like, in any digits; months may be named in any language. Null for anything else, in particular for
 * a zone that is named by letters other than UTC, GMT or Z.
 */
export function writtenTime(text: string): WrittenTime | null {
  if (text.length > LONGEST) return null;
  const plain = asciiDigits(text.normalize('NFKC').replace(MARKS, ''));
  const clock = timeOfDay(plain);
  if (clock === null) return null;
  const found = dateIn(clock.rest);
  if (found === null || !(clock.hour <= 23 || (clock.hour === 24 && clock.minute === 0 && clock.second === 0)))
    return null;
  const { rest: _, ...time } = clock;
  return { ...time, ...found };
}

const LONGEST = 100;
const MARKS = /[\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069\ufeff]/g;

/** Replaces the decimal digits of any script. They come in runs of ten, each beginning with its zero. */
function asciiDigits(text: string): string {
  return text.replace(/[^\x00-\x7f]/gu, (char) => (/\p{Nd}/u.test(char) ? String(digitValue(char)) : char));
}

function digitValue(char: string): number {
  let code = char.codePointAt(0)!;
  let value = 0;
  while (value < 9 && /\p{Nd}/u.test(String.fromCodePoint(code - 1))) {
    code--;
    value++;
  }
  return value;
}

const CLOCK = /(\d{1,2}):(\d{2})(?::(\d{2})(?:[.,](\d{1,9}))?)?(?!\d)/;
const DOTTED_CLOCK = /(?<=[\s,T])(\d{1,2})[.h](\d{2})(?:[.m](\d{2}))?(?=$|\s)/;
const COMPACT = /^\s*(\d{4})(\d\d)(\d\d)(?:[T ]?(\d\d)(\d\d)(\d\d)?(?:[.,](\d{1,9}))?)?(?![\d:])/;
const HALF_BEFORE = /(오전|오후|上午|下午|午前|午後|凌晨|清晨|早上|中午|傍晚|晚上|\b[AP]M)\s*$/i;
const HALF_AFTER = /^\s*(?:([ap])\.?\s?m\b|(ص|π\.?\s?μ)(?!\p{L})|(م|μ\.?\s?μ)(?!\p{L}))\.?/iu;
const ZONE =
  /^\s*(?:\(?(Z|UTC|GMT)\b\)?)?\s*(?:([+\u2212-])(\d{1,2})(?::?(\d{2}))?(?::\d{2})?(?!\d))?(\s*\[[\w/+-]+\]|\s*\([^()]*\))?/i;

type Clock = Pick<WrittenTime, 'hour' | 'minute' | 'second' | 'ms' | 'zoneMinutes' | 'twelveHours'> & { rest: string };

/** The time of day with its zone, midnight if there is none, and the text without it; null if it is none of these. */
function timeOfDay(text: string): Clock | null {
  const compact = COMPACT.exec(text);
  if (compact) {
    const [all, year, month, day, ...time] = compact;
    return clockOf(time, `${year}-${month}-${day}`, text.slice(all.length));
  }
  const match = CLOCK.exec(text) ?? DOTTED_CLOCK.exec(text);
  if (!match) return { hour: 0, minute: 0, second: 0, ms: 0, zoneMinutes: null, twelveHours: false, rest: text };
  return clockOf(match.slice(1), text.slice(0, match.index), text.slice(match.index + match[0].length));
}

function clockOf(
  [hours = '0', minute = '0', second = '0', fraction = '']: (string | undefined)[],
  before: string,
  after: string,
): Clock | null {
  const word = HALF_BEFORE.exec(before);
  const letter = HALF_AFTER.exec(after);
  const afterHalf = letter ? after.slice(letter[0].length) : after;
  const [zone, utc, sign, zoneHours, zoneMinutes = '0', comment] = ZONE.exec(afterHalf)!;
  const isZoned = utc !== undefined || sign !== undefined;
  if (comment !== undefined && !isZoned) return null; // a zone by its name alone
  const half = word
    ? /^(오전|上午|午前|凌晨|清晨|早上|am)$/i.test(word[1]!)
      ? 'a'
      : 'p'
    : letter && (letter[1]?.toLowerCase() ?? (letter[2] ? 'a' : 'p'));
  const hour = hourOfDay(Number(hours), half);
  if (hour === null || Number(minute) > 59 || Number(second) > 60) return null;
  return {
    hour,
    minute: Number(minute),
    second: Number(second),
    ms: Number(fraction.slice(0, 3).padEnd(3, '0')),
    zoneMinutes: isZoned ? (sign === '+' ? 1 : -1) * (Number(zoneHours ?? 0) * 60 + Number(zoneMinutes)) || 0 : null,
    twelveHours: half !== null,
    rest: `${before.slice(0, before.length - (word?.[0].length ?? 0)).replace(/T$/, '')} ${afterHalf.slice(zone.length)}`,
  };
}

function hourOfDay(hour: number, half: string | null): number | null {
  if (half === null || hour > 12) return hour > 24 ? null : hour;
  return (hour % 12) + (half === 'p' ? 12 : 0);
}

/** Words that stand between the parts of a date and mean nothing. */
const FILLER =
  /^(at|on|of|the|o|um|uhr|den|der|am|à|le|a|às|las|de|del|di|alle|ore|om|kl|klo|kell|kello|ob|në|pada|les|في|v|r|u|г|в|во|р|о|об|об|godz|vid|saat|στις|năm|ngày|tháng|lúc|pukul)$/i;

const CJK_DATE =
  /^\s*(\d{2,4})\s*[年년]\s*(\d{1,2})\s*[月월]\s*(\d{1,2})\s*[日일](?:[\s(]*(?:星期|周|週)?[一二三四五六天日月火水木金土월화수목금토일](?:曜日|요일)?[\s)]*)?[\s,]*$/;

function dateIn(text: string): Pick<WrittenTime, 'date' | 'separator'> | null {
  const cjk = CJK_DATE.exec(text);
  if (cjk) return known([Number(cjk[1]), Number(cjk[2]), Number(cjk[3])], '');
  let month: number | null = null;
  for (const word of text.match(/\p{L}[\p{L}\p{M}]*/gu) ?? []) {
    if (/^(st|nd|rd|th|er|º)$/i.test(word) && text.search(new RegExp(`\\d${word}`)) !== -1) continue;
    const named = monthNamed(word);
    if (typeof named === 'number') {
      if (month !== null) return null;
      month = named;
    } else if (named === null && !FILLER.test(word)) return null;
  }
  const numbers = (text.match(/\d+/g) ?? []).map((digits) => ({ value: Number(digits), digits: digits.length }));
  if (/[^\p{L}\p{M}\d\s.,،、/()'’-]/u.test(text)) return null;
  return month === null ? numericDate(numbers, text) : namedDate(numbers, month);
}

interface Digits {
  value: number;
  digits: number;
}

function namedDate(numbers: Digits[], month: number): Pick<WrittenTime, 'date' | 'separator'> | null {
  const [first, second, ...more] = numbers;
  if (!first || !second || more.length > 0) return null;
  const [year, day] = first.digits === 4 || first.value > 31 ? [first, second] : [second, first];
  return day.digits > 2 ? null : known([fullYear(year), month, day.value], '');
}

function numericDate(numbers: Digits[], text: string): Pick<WrittenTime, 'date' | 'separator'> | null {
  const [first, second, third, ...more] = numbers;
  if (!first || !second || !third || more.length > 0 || second.digits > 2) return null;
  const separator = /\d\s*([./-])/.exec(text)?.[1] ?? ' ';
  if (first.digits === 4 || first.value > 31)
    return third.digits > 2 ? null : known([fullYear(first), second.value, third.value], separator);
  if (first.digits > 2 || (third.digits !== 2 && third.digits !== 4)) return null;
  const isShort = first.digits === 2 && third.digits === 2;
  const written: [number, number, number] = [first.value, second.value, isShort ? third.value : fullYear(third)];
  return { date: { order: 'unknown', numbers: written, isShort }, separator };
}

function known(numbers: [number, number, number], separator: string): Pick<WrittenTime, 'date' | 'separator'> {
  return {
    date: { order: 'known', numbers: [fullYear({ value: numbers[0] }), numbers[1], numbers[2]], isShort: false },
    separator,
  };
}

/** Two digits are a year from 1980 on, the earliest that a message can be of. */
export function fullYear({ value }: Pick<Digits, 'value'>): number {
  return value >= 100 ? value : value + (value < 80 ? 2000 : 1900);
}
