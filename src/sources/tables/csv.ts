import type { Conversation } from '../../artifacts/conversations.ts';
import { rowMessage, type Columns } from './columns.ts';
import { csvRows } from './rows.ts';
import { gatherByName } from './gather-by-name.ts';
import type { Source } from '../source.ts';
import { filesAt, lineLocation, readSourceBytes, fileStart } from '../source-bytes.ts';
import { notice, skip, skipAll, type Tally } from '../tally.ts';
import type { TreeFile } from '../archive/tree-file.ts';
import { sourceOfFiles } from '../units.ts';

/** Tables with a header row and one message per row: a file, or a folder or .zip of *.csv and *.tsv. */
export async function csvSource(path: string, columns: Columns): Promise<Source> {
  const { files, refused } = await filesAt(path, ['.csv', '.tsv']);
  const looksFor = `a .csv or .tsv file, or a folder of them, whose first row names the columns ${named(columns)
    .map((name) => `"${name}"`)
    .join(', ')}`;
  return sourceOfFiles(
    { files, looksFor, repairsMojibake: false },
    (tally) => skipAll(refused, tally),
    (file, tally) => readFile(file, columns, tally),
  );
}

const SEPARATORS = [',', ';', '\t', '|'];

async function* readFile(file: TreeFile, columns: Columns, tally: Tally): AsyncGenerator<Conversation> {
  const separator = findSeparator(await fileStart(file), columns);
  if (separator !== ',')
    notice(tally, `file with ${separator === '\t' ? 'tabs' : separator} between columns`, file.place);
  const gathering = gatherByName(tally);
  let indexes: Record<keyof Columns, number> | null = null;
  let width = 0;
  const dialect = { separator, notice: (what: string, line: number) => notice(tally, what, lineLocation(file, line)) };
  for await (const rows of csvRows(readSourceBytes(file, tally), dialect)) {
    for (const row of rows) {
      const place = (): string => lineLocation(file, row.line);
      if (row.kind === 'bad') skip(tally, place(), row.reason, 'unreadable line');
      else if (indexes === null) {
        indexes = columnIndexes(row.fields, columns);
        width = row.fields.length;
        const missing = named(columns).find((name) => !row.fields.includes(name));
        if (missing !== undefined)
          return skip(tally, place(), `no column "${missing}" among the ${width} of the first row`, 'unreadable file');
      } else if (row.fields.length !== width)
        skip(tally, place(), `${row.fields.length} columns instead of ${width}`, 'unreadable line');
      else {
        const { fields } = row;
        const message = rowMessage(
          { text: fields[indexes.text], from: fields[indexes.from], time: fields[indexes.time] },
          indexes.time !== -1,
          tally,
          place,
        );
        if (message) yield* gathering.add(fields[indexes.conversation] ?? (file.place || '1'), message, place);
      }
    }
  }
  yield* gathering.end();
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

/** The separator that splits the first row into the most of the wanted columns. */
function findSeparator(start: Buffer, columns: Columns): string {
  const header = start
    .toString('utf8')
    .replaceAll('\0', '')
    .replace(/^[\ufeff\ufffd]+/, '')
    .split(/\r?\n/, 1)[0]!;
  const found = (separator: string): number => {
    const names = new Set(header.split(separator).map((name) => name.replace(/^"(.*)"$/, '$1')));
    return named(columns).filter((name) => names.has(name)).length;
  };
  return SEPARATORS.reduce((best, separator) => (found(separator) > found(best) ? separator : best));
}
