import type { TreeFile } from '../archive/tree-file.ts';
import { jsonRecords } from '../exports/json-records.ts';
import { asObject } from '../exports/json-values.ts';
import type { SourceOptions } from '../source-options.ts';
import { newTally, warn, type Tally } from '../tally.ts';
import { englishDate } from '../time/english-date.ts';
import { findDateStyle, type DateStyle } from '../time/local-date.ts';
import { zoneClock } from '../time/local-time.ts';
import { readDate, dateMs } from '../time/page-dates.ts';
import { writtenAt } from './message.ts';

/**
 * Returns a reader of a file's dates, which are in the language of the account: `Monday, January 30, 2023 at 8:49:07 PM
 * UTC`. If they are not in English, reads the file once to find out how they are written. NaN for a date that cannot be
 * read.
 */
export async function googleDates(
  file: TreeFile,
  { timeZone, dateOrder }: Pick<SourceOptions, 'timeZone' | 'dateOrder'>,
  tally: Tally,
): Promise<(date: string) => number> {
  const clock = zoneClock(timeZone);
  const style = await styleOf(file, dateOrder);
  if (style?.guessed)
    warn(
      tally,
      'file whose dates fit several languages or orders: one was guessed; `dateOrder` sets the order',
      file.place,
    );
  return (date) => {
    const written = readDate(date, style);
    return written === null ? NaN : dateMs(written, clock);
  };
}

/** Null if the dates are in English. */
async function styleOf(file: TreeFile, order: SourceOptions['dateOrder']): Promise<DateStyle | null> {
  const finder = findDateStyle(order);
  for await (const record of jsonRecords(file, ['messages'], newTally())) {
    if (record.kind === 'field') continue;
    const date = writtenAt(asObject(record.value));
    if (date !== '' && englishDate(date) !== null) return null;
    finder.add(date);
  }
  return finder.style();
}
