import type { Message } from '../../artifacts/conversations.ts';
import { foldNewlines, plainBreaks } from '../text/fold-newlines.ts';
import { isoTime } from '../time/iso-times.ts';
import { plausibleTime } from '../time/plausible-time.ts';
import { drop, type Tally } from '../tally.ts';

/** The names of the table columns or object keys that hold each field of a message. */
export interface Columns {
  text: string;
  /** omitted: messages have no sender, as in plain text */
  from?: string;
  /**
   * ISO 8601 (UTC if it names no zone), or a number of seconds, milliseconds or microseconds since 1970, distinguished
   * by magnitude
   */
  time?: string;
  /** rows with the same value are one conversation; omitted: each file is one conversation */
  conversation?: string;
}

/** Counts the row as read, and returns its message, counted as kept, or null if the row was dropped. */
export function rowMessage(
  row: { text: unknown; from: unknown; time: unknown },
  hasTime: boolean,
  tally: Tally,
  place: () => string,
): Message | null {
  tally.read++;
  const raw = valueText(row.text);
  const text = raw === null ? '' : plainBreaks(raw);
  if (raw === null || text.trim() === '') {
    drop(tally, raw === null && row.text !== null && row.text !== undefined ? 'text is not a string' : 'empty');
    return null;
  }
  const from = foldNewlines(valueText(row.from) ?? '');
  tally.kept++;
  return { from, time: hasTime ? plausibleTime(valueTime(row.time), tally, place) : null, text };
}

/** Milliseconds since 1970, or NaN. */
export function valueTime(value: unknown): number {
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

function valueText(value: unknown): string | null {
  return typeof value === 'string' ? value : typeof value === 'number' ? String(value) : null;
}
