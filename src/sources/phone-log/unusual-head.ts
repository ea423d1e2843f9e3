import { halfDay } from './half-days.ts';
import type { LogHead } from './log-head.ts';
import { numberOf } from './unicode-digits.ts';

/**
 * A prefix in any other notation: digits and commas of any script, words before, between and after date and time, the
 * time before the date, spaces after dots, units in place of colons, a colon or nothing at its end. Null if the line
 * does not begin like that.
 */
export function unusualHead(line: string): LogHead | null {
  if (!mayBegin(line) || !BEGINS.test(line)) return null;
  const dateFirst = DATE_FIRST.exec(line);
  const match = dateFirst ?? TIME_FIRST.exec(line);
  if (!match) return null;
  const fields = match.groups as unknown as Fields;
  const tail = tailOf(line.slice(match[0].length), line.startsWith('[') || line.startsWith('［'));
  if (tail === null) return null;
  const [hour, minute, second] = [fields.hour, fields.minute, fields.second ?? '0'].map(numberOf) as [
    number,
    number,
    number,
  ];
  const date = dateOf(fields);
  if (hour > 24 || minute > 59 || second > 60 || date.every((number) => number > 31)) return null;
  return {
    form: formOf(fields, tail.end, dateFirst === null),
    usual: false,
    date,
    yearAt:
      fields.era !== undefined || fields.roc !== undefined || lengthOf(fields.a) > 2
        ? 0
        : lengthOf(fields.c) > 2
          ? 2
          : null,
    separator: fields.separator.trim(),
    hour,
    minute,
    second,
    words: (dateFirst === null ? [fields.before, fields.between] : [fields.between, tail.words])
      .map((words) => words.trim())
      .filter(Boolean)
      .join(' '),
    rest: tail.rest,
  };
}

/** Whether there may be a digit near the start. Nearly all lines that continue a message fail this quick test. */
function mayBegin(line: string): boolean {
  const end = Math.min(line.length, 18);
  for (let i = 0; i < end; i++) {
    const code = line.charCodeAt(i);
    if ((code >= 48 && code <= 57) || code >= FIRST_OTHER_DIGIT) return true;
  }
  return false;
}

const FIRST_OTHER_DIGIT = 0x660;

const BEGINS = /^[[［(]?[\p{L}\p{M}\s.]{0,16}\p{Nd}{1,4}\s?[^\p{Nd}\s]/u;

interface Fields {
  before: string;
  era?: string;
  eraYear?: string;
  roc?: string;
  a?: string;
  separator: string;
  b: string;
  c: string;
  between: string;
  hour: string;
  minute: string;
  second?: string;
}

const DATE = String.raw`(?:(?<era>令和|平成|昭和|(?<!\p{L})[RHS])\s?(?<eraYear>元|\p{Nd}{1,2})|(?<roc>民[国國]\s?)?(?<a>\p{Nd}{1,4}))(?<separator>\s?[./\-‐‑–؍年년]\s?)(?<b>\p{Nd}{1,2})\s?[./\-‐‑–؍月월]\s?(?<c>\p{Nd}{1,4})(?!\p{Nd})`;
const TIME = String.raw`(?<hour>\p{Nd}{1,2})\s?[:.：٫h時时시点點]\s?(?<minute>\p{Nd}{2}|(?<=:)\p{Nd})(?:\s?(?:[:.：٫分분]|min)\s?(?<second>\p{Nd}{2}|(?<=:)\p{Nd})(?:[.,]\p{Nd}{1,6})?)?(?!\p{Nd})(?:\s?(?:[s秒초分분]|min)(?!\p{L}))?`;
const BEFORE = String.raw`^[[［(]?(?<before>[^\p{Nd}:[\]]{0,16}?)`;
const BETWEEN = String.raw`(?<between>[^\p{Nd}:]{0,32}?)`;
const DATE_FIRST = new RegExp(`${BEFORE}${DATE}${BETWEEN}${TIME}`, 'u');
const TIME_FIRST = new RegExp(`${BEFORE}${TIME}${BETWEEN}${DATE}`, 'u');

interface Tail {
  words: string;
  /** what separates the prefix from the rest of the line */
  end: ']' | '-' | ':' | ' ';
  rest: string;
}

/** What follows date and time, after at most a few words: a bracket, a dash, a colon, or a name alone. */
function tailOf(tail: string, isOpen: boolean): Tail | null {
  const [, words, rest] = (isOpen ? IN_BRACKETS : BEFORE_DASH).exec(tail) ?? [];
  if (rest !== undefined) return { words: words!, end: isOpen ? ']' : '-', rest };
  if (isOpen) return null;
  const colon = BEFORE_COLON.exec(tail);
  if (colon && (colon[1]!.trim() === '' || halfDay(colon[1]!) !== null))
    return { words: colon[1]!, end: ':', rest: colon[2]! };
  const half = LATIN_HALF.exec(tail);
  const name = half ? tail.slice(half[0].length) : tail;
  return /^\s[^\s|>;,=/\\-]/.test(name) ? { words: half?.[0] ?? '', end: ' ', rest: name.slice(1) } : null;
}

const IN_BRACKETS = /^([^\p{Nd}:\]］]{0,24}?)[\]］]:?\s?(.*)$/su;
const BEFORE_DASH = /^([^\p{Nd}:]{0,24}?)\s[-–—](?:\s|$)(.*)$/su;
const BEFORE_COLON = /^([^\p{Nd}:]{0,24}?):\s(.*)$/su;
const LATIN_HALF = /^\s?[ap]\.?\s?m\.?(?=\s)/i;

function dateOf({ era, eraYear, roc, a, b, c }: Fields): [number, number, number] {
  const year =
    era !== undefined
      ? ERAS[era]! + (eraYear === '元' ? 1 : numberOf(eraYear!))
      : numberOf(a!) + (roc === undefined ? 0 : 1911);
  return [year, numberOf(b), numberOf(c)];
}

/** The year before the first of each Japanese era. */
const ERAS: Record<string, number> = { 令和: 2018, R: 2018, 平成: 1988, H: 1988, 昭和: 1925, S: 1925 };

function lengthOf(digits: string | undefined): number {
  return digits === undefined ? 0 : [...digits].length;
}

function formOf({ separator, between }: Fields, end: string, timeFirst: boolean): string {
  const gap = between
    .replace(/[\p{L}\p{M}.]+/gu, 'x')
    .replace(/\s*x(?:\s*x)*\s*/g, ' x ')
    .trim();
  return `${timeFirst ? '0:00 ' : ''}0${separator.trim()}0 ${gap} ${end}`;
}
