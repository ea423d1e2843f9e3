import { decodeStart } from '../text/decode-start.ts';
import type { Columns } from './columns.ts';

/**
 * What the first row of a table says about its columns. Only words that name columns in many programs are shown: any
 * other word may be a person's name, or part of a message if the table has no header.
 */
export interface Header {
  /** the columns that may be named in a message, in their order */
  known: string[];
  /** how many others there are */
  others: number;
  /** the columns that hold text, sender and time; null if none is likely to hold the text */
  guess: Columns | null;
}

export function headerOf(fields: string[]): Header {
  const known = fields.filter(
    (field) => tokensOf(field).length > 0 && tokensOf(field).every((token) => WORDS.has(token)),
  );
  const find = (words: string[]): string | undefined =>
    words.flatMap((word) => known.find((field) => tokensOf(field).includes(word)) ?? [])[0];
  const text = find(TEXT);
  const left = { from: find(FROM), time: find(TIME) };
  return {
    known,
    others: fields.length - known.length,
    guess:
      text === undefined
        ? null
        : {
            ...(left.from === undefined || left.from === text ? {} : { from: left.from }),
            ...(left.time === undefined || left.time === text ? {} : { time: left.time }),
            text,
          },
  };
}

/** `the columns are "name", "date" and 2 others`, or that the first row names none. */
export function headerText({ known, others }: Header): string {
  if (known.length === 0) return 'its first row does not look like names of columns';
  const shown = known.map((name) => `"${name}"`).join(', ');
  return `its columns are ${shown}${others === 0 ? '' : ` and ${others} ${others === 1 ? 'other' : 'others'}`}`;
}

/** What to write, with the names that are there if they can be guessed. */
export function columnsHint({ known, guess }: Header): string {
  if (guess)
    return `columns: { ${Object.entries(guess)
      .map(([field, name]) => `${field}: ${/^[A-Za-z][A-Za-z0-9_-]*$/.test(name) ? name : JSON.stringify(name)}`)
      .join(', ')} }`;
  const example = 'columns: { from: name, time: date, text: message }';
  return known.length === 0
    ? `${example}, with a first row of these names in the file`
    : `${example}, with its own names`;
}

/** The fields of the first row, split by the separator that gives the most. */
export function firstRow(start: Buffer): string[] {
  const text = decodeStart(start) ?? '';
  const [first = '', second = ''] = text.split(/\r\n?|\n/, 2);
  const declared = /^"?sep=(.)"?$/i.exec(first)?.[1];
  const row = declared === undefined ? first : second;
  const split = (separator: string): string[] =>
    row.split(separator).map((field) => field.trim().replace(/^"(.*)"$/, '$1'));
  return declared === undefined
    ? [',', ';', '\t', '|'].map(split).reduce((best, other) => (other.length > best.length ? other : best))
    : split(declared);
}

// ---------------------------------------------------------------------------

/** `senderName`, `Sender Name` and `sender_name` have the same two tokens. */
const tokensOf = (field: string): string[] =>
  field
    .replace(/([a-z])([A-Z])/g, '$1 $2')
    .toLowerCase()
    .split(/[\s_.-]+/)
    .filter((token) => token !== '');

/** The likeliest first. */
const TEXT = [
  'message',
  'text',
  'body',
  'content',
  'msg',
  'said',
  'comment',
  'utterance',
  'chat',
  'line',
  'nachricht',
  'mensaje',
  'texto',
];
const FROM = [
  'sender',
  'from',
  'author',
  'speaker',
  'username',
  'user',
  'nick',
  'nickname',
  'who',
  'name',
  'person',
  'participant',
  'contact',
  'handle',
  'absender',
  'autor',
  'remitente',
];
const TIME = [
  'timestamp',
  'datetime',
  'time',
  'date',
  'when',
  'sent',
  'created',
  'ts',
  'datum',
  'zeit',
  'fecha',
  'hora',
];
const WORDS = new Set([
  ...TEXT,
  ...FROM,
  ...TIME,
  ...'id no number index type channel thread conversation dialogue room group to recipient receiver reply at ms utc unix row is media attachment attachments reactions url language lang date display full'.split(
    ' ',
  ),
]);
