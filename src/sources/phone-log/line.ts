import type { LogHead } from './log-head.ts';
import { unusualHead } from './unusual-head.ts';

const HEAD =
  /^\[?(\d{1,4})([./-])(\d{1,2})\2(\d{1,4})\.?,? (\d{1,2})[:.](\d{2})(?:[:.](\d{2}))?(?: ?([ap])\.? ?m\.?)?(?:(\]) ?| - )(.*)$/is;

/**
 * Null if the line does not begin a message but continues the one above. Direction marks must have been removed with
 * `withoutMarks`.
 */
export function logHead(line: string): LogHead | null {
  const match = HEAD.exec(line);
  if (!match) return unusualHead(line);
  const [, a, separator, b, c, hour, minute, second = '0', half, bracket, rest] = match;
  if (Number(hour) > 24 || Number(minute) > 59 || Number(second) > 60) return null;
  return {
    form: bracket ? IN_BRACKETS[separator!]! : BEFORE_DASH[separator!]!,
    usual: true,
    date: [Number(a), Number(b), Number(c)],
    yearAt: a!.length > 2 ? 0 : c!.length > 2 ? 2 : null,
    separator: separator!,
    hour: Number(hour),
    minute: Number(minute),
    second: Number(second),
    words: half === undefined ? '' : half === 'a' || half === 'A' ? 'am' : 'pm',
    rest: rest!,
  };
}

const IN_BRACKETS: Record<string, string> = { '.': '[0.0.0 0:00]', '/': '[0/0/0 0:00]', '-': '[0-0-0 0:00]' };
const BEFORE_DASH: Record<string, string> = { '.': '0.0.0 0:00 -', '/': '0/0/0 0:00 -', '-': '0-0-0 0:00 -' };

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
