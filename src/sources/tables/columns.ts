import type { Message } from '../../artifacts/conversations.ts';
import { foldNewlines, plainBreaks } from '../text/fold-newlines.ts';
import { isoTime } from '../time/iso-times.ts';
import { plausibleTime } from '../time/plausible-time.ts';
import { drop, type Tally } from '../tally.ts';

/** By which names a table's columns, or an object's keys, hold what a message is made of. */
export interface Columns {
  text: string;
  /** left out: nobody speaks, as in plain text */
  from?: string;
  /**
   * ISO 8601 (UTC where it names no zone), or a number of seconds, milliseconds or microseconds since 1970, told apart
   * by its size
   */
  time?: string;
  /** rows that agree in it are one conversation; left out: a file is one */
  conversation?: string;
}

/** Takes the row's values, and returns a message that is counted as read and kept, or null if it is dropped. */
export function messageOfRow(
  row: { text: unknown; from: unknown; time: unknown },
  hasTime: boolean,
  tally: Tally,
  place: () => string,
): Message | null {
  tally.read++;
  const words = textOfValue(row.text);
  const text = words === null ? '' : plainBreaks(words);
  if (words === null || text.trim() === '') {
    drop(tally, words === null && row.text !== null && row.text !== undefined ? 'text is not a string' : 'empty');
    return null;
  }
  const from = foldNewlines(textOfValue(row.from) ?? '');
  tally.kept++;
  return { from, time: hasTime ? plausibleTime(timeOfValue(row.time), tally, place) : null, text };
}

/** Milliseconds since 1970, or NaN. */
export function timeOfValue(value: unknown): number {
  const number =
    typeof value === 'number'
      ? value
      : typeof value === 'string' && /^\s*-?\d+(\.\d+)?\s*$/.test(value)
        ? Number(value)
        : null;
  if (number === null) return typeof value === 'string' ? isoTime(value) : NaN;
  const size = Math.abs(number);
  return Math.round(size < 1e11 ? number * 1000 : size < 1e14 ? number : number / 1000);
}

function textOfValue(value: unknown): string | null {
  return typeof value === 'string' ? value : typeof value === 'number' ? String(value) : null;
}
