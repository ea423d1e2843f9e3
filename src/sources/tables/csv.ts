import type { Conversation } from '../../artifacts/conversations.ts';
import { rowMessage, type Columns } from './columns.ts';
import { columnOrder, columnTimes } from './column-times.ts';
import { headerOf, headerText } from './header.ts';
import { csvRows, type CsvDialect, type CsvRow } from './rows.ts';
import { gatherByName } from './gather-by-name.ts';
import type { SourceOptions } from '../source-options.ts';
import type { Source } from '../source.ts';
import { filesAt, lineLocation, readSourceBytes, fileStart } from '../source-bytes.ts';
import { newTally, notice, skip, skipAll, warn, type Tally } from '../tally.ts';
import { decodeStart } from '../text/decode-start.ts';
import type { TreeFile } from '../archive/tree-file.ts';
import { sourceOfFiles } from '../units.ts';

/** Tables with a header row and one message per row: a file, or a folder or .zip of *.csv and *.tsv. */
export async function csvSource(path: string, columns: Columns, options: SourceOptions): Promise<Source> {
  const { files, refused } = await filesAt(path, ['.csv', '.tsv']);
  const looksFor = `a .csv or .tsv file, or a folder of them, whose first row names the columns ${named(columns)
    .map((name) => `"${name}"`)
    .join(', ')}`;
  return sourceOfFiles(
    { files, looksFor, repairsMojibake: false },
    (tally) => skipAll(refused, tally),
    (file, tally) => readFile(file, { columns, options }, tally),
  );
}

async function* readFile(
  file: TreeFile,
  { columns, options: { timeZone, dateOrder } }: { columns: Columns; options: SourceOptions },
  tally: Tally,
): AsyncGenerator<Conversation> {
  const found = findSeparator(await fileStart(file), columns);
  if (found.separator !== ',')
    notice(tally, `file with ${found.separator === '\t' ? 'tabs' : found.separator} between columns`, file.place);
  const gathering = gatherByName(tally);
  let indexes: Record<keyof Columns, number> | null = null;
  let width = 0;
  const times =
    columns.time === undefined
      ? null
      : columnTimes({ column: columns.time, timeZone, dateOrder, tally, file: file.place });
  const dialect = { ...found, notice: (what: string, line: number) => notice(tally, what, lineLocation(file, line)) };
  for await (const rows of rowBatches(file, dialect, tally)) {
    for (const row of rows) {
      const place = (): string => lineLocation(file, row.line);
      if (row.kind === 'bad') skip(tally, place(), row.reason, 'unreadable line');
      else if (indexes === null) {
        indexes = columnIndexes(row.fields, columns);
        width = row.fields.length;
        const missing = named(columns).find((name) => !row.fields.includes(name));
        if (missing !== undefined)
          return skip(tally, place(), `no column "${missing}": ${headerText(headerOf(row.fields))}`, 'unreadable file');
        for (const name of named(columns))
          if (row.fields.indexOf(name) !== row.fields.lastIndexOf(name))
            warn(tally, `file with several columns named "${name}": the first is read`, file.place);
      } else if (row.fields.length !== width)
        skip(tally, place(), `${row.fields.length} columns instead of ${width}`, 'unreadable line');
      else {
        const { fields } = row;
        const time = fields[indexes.time];
        let ms = times === null ? NaN : times.read(time);
        if (ms === 'undecided') {
          times!.decide(await columnOrder(column(file, found, indexes.time)));
          ms = times!.read(time) as number;
        }
        const message = rowMessage(
          { text: fields[indexes.text], from: fields[indexes.from], time, ms },
          times,
          tally,
          place,
        );
        if (message) yield* gathering.add(fields[indexes.conversation] ?? (file.place || '1'), message, place);
      }
    }
  }
  yield* gathering.end();
}

/** Batches of rows, without the line with which Excel declares the separator: it is above the first row. */
async function* rowBatches(
  file: TreeFile,
  { isDeclared, ...dialect }: Separator & CsvDialect,
  tally: Tally,
): AsyncGenerator<CsvRow[]> {
  let isFirst = isDeclared;
  let width = 0;
  const fits = (fields: string[]): boolean => fields.length === (width ||= fields.length);
  for await (const rows of csvRows(readSourceBytes(file, tally), isDeclared ? { ...dialect, fits } : dialect)) {
    const rest = isFirst ? rows.slice(1) : rows;
    if (isFirst && rest[0]?.kind === 'row') width = rest[0].fields.length;
    isFirst &&= rows.length === 0;
    yield rest;
  }
}

/** One field of every row. */
async function* column(file: TreeFile, separator: Separator, index: number): AsyncGenerator {
  for await (const rows of rowBatches(file, separator, newTally()))
    for (const row of rows) if (row.kind === 'row') yield row.fields[index];
}

function named({ text, from, time, conversation }: Columns): string[] {
  return [text, from, time, conversation].filter((name) => name !== undefined);
}

/** The column of each message field; -1 if it has none. */
function columnIndexes(header: string[], columns: Columns): Record<keyof Columns, number> {
  const indexOf = (name: string | undefined): number => (name === undefined ? -1 : header.indexOf(name));
  return {
    text: indexOf(columns.text),
    from: indexOf(columns.from),
    time: indexOf(columns.time),
    conversation: indexOf(columns.conversation),
  };
}

const SEPARATORS = [',', ';', '\t', '|'];

interface Separator {
  separator: string;
  /** whether the first line is Excel's `sep=;`, which is not a row */
  isDeclared: boolean;
}

/** The declared separator, or the one that splits the first row into the most of the wanted columns. */
function findSeparator(start: Buffer, columns: Columns): Separator {
  const text = decodeStart(start) ?? start.toString('latin1').replaceAll('\0', '');
  const [first = ''] = text.split(/[\r\n]/, 1);
  const declared = /^"?sep=(.)"?$/i.exec(first)?.[1];
  if (declared !== undefined) return { separator: declared, isDeclared: true };
  const found = (separator: string): number => {
    const names = new Set(first.split(separator).map((name) => name.replace(/^"(.*)"$/, '$1')));
    return named(columns).filter((name) => names.has(name)).length;
  };
  const separator = SEPARATORS.reduce((best, other) => (found(other) > found(best) ? other : best));
  return { separator, isDeclared: false };
}
