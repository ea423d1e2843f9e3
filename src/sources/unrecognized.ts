import { decodeStart } from './text/decode-start.ts';
import { withoutMarks } from './phone-log/line.ts';

/** What the beginning of an unsupported file looks like. Never quotes a word of it. */
export interface Unrecognized {
  /** continues “it looks like …” */
  saw: string;
  /** what the user can do */
  help: string;
}

/**
 * Describes a file that is not plain text and of no known format: JSON or HTML of unknown shape, a document, or a log
 * whose lines begin with dates that cannot be read. Null if it may be plain text, or if there is nothing to see.
 */
export function describeUnrecognized(start: Buffer): Unrecognized | null {
  if (start.length === 0) return null;
  if (isArchive(start)) return { saw: 'an archive of a kind that is not read', help: ARCHIVE_HELP };
  const text = decodeStart(start);
  if (text === null || OTHER.test(text)) return { saw: 'a program’s own file, not text', help: TEXT_ONLY };
  if (isJson(text)) return { saw: 'JSON of a shape that no reader knows', help: JSON_HELP };
  if (isMarkup(text)) return { saw: 'HTML or XML of a shape that no reader knows', help: MARKUP_HELP };
  const prefix = datedPrefix(text);
  return prefix === null
    ? null
    : {
        saw: `a log whose lines begin like \`${prefix}\`, a prefix that no reader knows (0 stands for a digit, x for a word)`,
        help: LOG_HELP,
      };
}

const ARCHIVE_HELP = 'unpack it and name the folder, or pack it as .zip';
const TEXT_ONLY = 'export the chat as text, JSON or HTML';
const JSON_HELP =
  'if it is from a supported app, set `format` to that app; otherwise convert it to lines such as {"turns": [{"from": "Ann", "text": "Hi"}]}, `format: jsonl`';
const MARKUP_HELP =
  'if it is from a supported app, set `format` to that app; otherwise export the chat as JSON or text';
const LOG_HELP =
  'export the chat with the phone set to another language, or convert it to lines such as `2019-12-31, 23:59 - Ann: Hi`, `format: whatsapp`; `format: text` reads every line as it is, with dates and names';

/** gzip, bzip2, xz, Zstandard, 7z, RAR, or a .tar. */
function isArchive(start: Buffer): boolean {
  const first = start.toString('latin1', 0, 8);
  return /^(?:\x1f\x8b|BZh[1-9]|\xfd7zXZ|\x28\xb5\x2f\xfd|7z\xbc\xaf|Rar!\x1a)/.test(first) || isTar(start);
}

const isTar = (start: Buffer): boolean => start.toString('latin1', 257, 262) === 'ustar';

/** PDF, RTF, and an e-mail folder. */
const OTHER = /^(?:%PDF-|\{\\rtf|From \S+ .*\d{4}\r?\n)/;

function isJson(text: string): boolean {
  return /^\s*(?:\{\s*(?:["}]|$)|\[\s*(?:[{"\]]|\[\s*[{"[\d]|(?:-?\d[\d.eE+-]*|true|false|null)\s*[,\]]\s*(?:$|["{[\d-])))/.test(
    text,
  );
}

function isMarkup(text: string): boolean {
  return /^\s*<(?:!doctype|!--|\?xml|(?:html|head|body|div|table|meta|style|script|link|svg|title|p|ul|h[1-6])\b)/i.test(
    text,
  );
}

/** The shape of the prefix of many lines, if these begin like dates or times: `00.00.00 x 00:00 - `. */
function datedPrefix(text: string): string | null {
  const lines = text
    .split(/\r\n?|\n/)
    .map((line) => withoutMarks(line).trim())
    .filter((line) => line !== '');
  const shapes = lines.flatMap((line) => prefixShape(line) ?? []);
  if (shapes.length === 0 || shapes.length < lines.length / 4) return null;
  return shapes[0]!;
}

/** Holds nothing of a name: all but digits and punctuation becomes `x`. */
function prefixShape(line: string): string | null {
  if (line.length < LONGEST_PREFIX && DATE_ALONE.test(line)) return null; // as in a diary
  const found =
    DATED.exec(line.slice(0, LONGEST_PREFIX))?.[0] ??
    HEADING.exec(line)?.[0].replace(/^.*?(?=[\s,]+\[?\p{Nd}+[./-]\p{Nd})/u, 'x');
  return found === undefined ? null : found.replace(/\p{Nd}/gu, '0').replace(/[^\d\s.,:;/()[\]<>|-]+/gu, 'x');
}

const DATE_ALONE = /^\p{Nd}{1,4}\s?[./-]\s?\p{Nd}{1,2}\s?[./-]\s?\p{Nd}{1,4}\.?$/u;
/** A name and a time above a message: `Ann, [30.01.23 20:49]`, `Ann 2023-01-30 20:49:07`. */
const HEADING =
  /^\S.{0,40}?[\s,]+\[?\p{Nd}{1,4}[./-]\p{Nd}{1,2}[./-]\p{Nd}{1,4},? \p{Nd}{1,2}:\p{Nd}{2}(?::\p{Nd}{2})?(?:\s?[AaPp][Mm])?\]?:?$/u;

const LONGEST_PREFIX = 60;

/** A numeric date, or a time of day that brackets or a name with a colon follow, or a written date with its year. */
const DATED = new RegExp(
  [
    String.raw`^[\[(<]?\p{Nd}{1,4}\s?[./\-年년]\s?\p{Nd}{1,2}\s?[./\-月월]\s?\p{Nd}{1,4}(?!\p{Nd})(?:.{0,20}?\p{Nd}{1,2}[:.]\p{Nd}{2}(?::\p{Nd}{2})?)?`,
    String.raw`^[\[(]?\p{Nd}{1,2}[./\- ][ivx]{1,4}[./\- ]\p{Nd}{2,4}(?:.{0,20}?\p{Nd}{1,2}[:.]\p{Nd}{2})?`,
    String.raw`^\[[^\]\p{Nd}]{0,10}\p{Nd}{1,2}[:.]\p{Nd}{2}(?:[:.]\p{Nd}{2})?[^\]\p{Nd}]{0,10}\]`,
    String.raw`^\p{Nd}{1,2}:\p{Nd}{2}(?::\p{Nd}{2})?\b.{0,40}?:(?: |$)`,
    String.raw`^\p{Nd}{1,2}[:.]\p{Nd}{2}(?:[:.]\p{Nd}{2})?[^\t\p{Nd}]{0,6}\t`,
    String.raw`^[\[(<]?(?:[\p{L}\p{M}]{2,12}[.,]? )?(?:\p{Nd}{1,2}\.? (?:de )?[\p{L}\p{M}]{2,12}\.?|[\p{L}\p{M}]{3,12}\.? \p{Nd}{1,2}),? (?:de )?\p{Nd}{4}.{0,12}?\p{Nd}{1,2}[:.]\p{Nd}{2}`,
    String.raw`^\p{Nd}{1,2}\.? [\p{L}\p{M}]{3,12}\.?,? .{0,6}?\p{Nd}{1,2}[:.]\p{Nd}{2} `,
  ].join('|'),
  'u',
);
