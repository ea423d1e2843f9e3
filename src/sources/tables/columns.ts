import type { Message } from '../../artifacts/conversations.ts';
import { foldNewlines, plainBreaks } from '../text/fold-newlines.ts';
import type { ColumnTimes } from './column-times.ts';
import { drop, type Tally } from '../tally.ts';

/** The names of the table columns or object keys that hold each field of a message. */
export interface Columns {
  text: string;
  /** omitted: messages have no sender, as in plain text */
  from?: string;
  /**
   * a date and time as people and programs write them, or a number of seconds, milliseconds, microseconds or
   * nanoseconds since 1970, distinguished by magnitude
   */
  time?: string;
  /** rows with the same value are one conversation; omitted: each file is one conversation */
  conversation?: string;
}

/**
 * Counts the row as read, and returns its message, counted as kept, or null if the row was dropped. `time` is what the
 * column holds, `ms` what it was read as.
 */
export function rowMessage(
  row: { text: unknown; from: unknown; time: unknown; ms: number },
  times: ColumnTimes | null,
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
  return { from, time: times === null ? null : times.keep(row.ms, row.time, place), text };
}

function valueText(value: unknown): string | null {
  return typeof value === 'string' ? value : typeof value === 'number' ? String(value) : null;
}
