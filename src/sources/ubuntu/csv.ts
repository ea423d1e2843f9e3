import type { Conversation } from '../../artifacts/conversations.ts';
import { csvRows, type CsvRow } from '../tables/rows.ts';
import { plainBreaks } from '../text/fold-newlines.ts';
import { gatherMessages } from '../gather-messages.ts';
import { isoTimes } from '../time/iso-times.ts';
import { nameInterner } from '../name-interner.ts';
import { lineLocation, readSourceBytes } from '../source-bytes.ts';
import { drop, notice, skip, type Tally } from '../tally.ts';
import type { TreeFile } from '../archive/tree-file.ts';

/**
 * Kaggle's CSV of the Ubuntu Dialogue Corpus. The rows of one dialogue are adjacent, and its id is `folder/dialogueID`.
 * The column `to` is ignored. Messages are counted as read, not yet as kept. Reads a file of any size in bounded
 * memory; a batch has the dialogues that end in one chunk of the file.
 */
export async function* readUbuntuCsv(file: TreeFile, tally: Tally): AsyncGenerator<Conversation[]> {
  const place = (line: number): string => lineLocation(file, line);
  const dialogues = dialoguesOfRows(tally, place);
  const dialect = {
    rowInside: ROW_INSIDE,
    fits: dialogues.fits,
    notice: (what: string, line: number) => notice(tally, what, place(line)),
  };
  for await (const rows of csvRows(readSourceBytes(file, tally), dialect)) {
    for (const row of rows) dialogues.take(row);
    yield dialogues.ended();
  }
  yield dialogues.rest();
}

const COLUMNS = ['folder', 'dialogueID', 'date', 'from', 'to', 'text'];
const DATE = /^\d{4}-\d\d-\d\dT/;
const ROW_INSIDE = /\n\d+,[^,\n]{1,40},\d{4}-\d\d-\d\dT/;

interface DialoguesOfRows {
  take(row: CsvRow): void;
  /** Whether the fields look like a row of the table. */
  fits(fields: string[]): boolean;
  /** Returns the dialogues that ended since the last call. */
  ended(): Conversation[];
  rest(): Conversation[];
}

function dialoguesOfRows(tally: Tally, place: (line: number) => string): DialoguesOfRows {
  const parseTime = isoTimes(tally);
  const internName = nameInterner();
  let table: Table | null = null;
  let folder = '';
  let dialogue = '';
  let gathering = gatherMessages('');
  let ended: Conversation[] = [];
  const addEnded = (conversation: Conversation | null): void => void (conversation && ended.push(conversation));
  const takeEnded = (): Conversation[] => {
    const taken = ended;
    ended = [];
    return taken;
  };
  const begin = (name: { folder: string; dialogue: string }): void => {
    addEnded(gathering.end());
    ({ folder, dialogue } = name);
    gathering = gatherMessages(`${folder}/${dialogue}`);
  };
  const addMessage = (table: Table, fields: string[], line: number): void => {
    tally.read++;
    const text = plainBreaks(fields[table.text]!);
    if (text.trim() === '') return drop(tally, 'empty');
    addEnded(
      gathering.add({
        from: internName(fields[table.from]!),
        time: parseTime(fields[table.date]!, () => place(line)),
        text,
      }),
    );
  };
  return {
    take(row) {
      if (row.kind === 'bad') return skip(tally, place(row.line), row.reason, 'unreadable line');
      const { fields, line } = row;
      if (table === null) {
        const header = findTable(fields);
        table = header ?? HEADLESS;
        if (header) return;
      }
      if (fields.length !== table.width)
        return skip(tally, place(line), `${fields.length} columns instead of ${table.width}`, 'unreadable line');
      if (fields[table.dialogue] !== dialogue || fields[table.folder] !== folder)
        begin({ folder: fields[table.folder]!, dialogue: fields[table.dialogue]! });
      addMessage(table, fields, line);
    },
    fits: (fields) => fields.length === (table ?? HEADLESS).width && DATE.test(fields[(table ?? HEADLESS).date]!),
    ended: takeEnded,
    rest() {
      addEnded(gathering.end());
      return takeEnded();
    },
  };
}

/** The indexes of the columns, and their number. */
interface Table {
  width: number;
  folder: number;
  dialogue: number;
  date: number;
  from: number;
  text: number;
}

/** For a file without a header, such as a part of a larger file. */
const HEADLESS: Table = { width: 6, folder: 0, dialogue: 1, date: 2, from: 3, text: 5 };

/** Null if the fields are not the header. */
function findTable(header: string[]): Table | null {
  const [folder, dialogue, date, from, to, text] = COLUMNS.map((column) => header.indexOf(column)) as [
    number,
    number,
    number,
    number,
    number,
    number,
  ];
  return [folder, dialogue, date, from, to, text].includes(-1)
    ? null
    : { width: header.length, folder, dialogue, date, from, text };
}
