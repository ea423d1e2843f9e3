import { cleanedRow, chunkText } from './chunk-text.ts';

/** `line` is where the row begins, counted from 1. A field with line breaks makes a row span several lines. */
export type CsvRow = { kind: 'row'; line: number; fields: string[] } | { kind: 'bad'; line: number; reason: string };

export interface CsvDialect {
  separator?: string;
  /**
   * Matches the start of another row inside a quoted field of several lines. A match means that the quote was never
   * closed.
   */
  rowInside?: RegExp;
  /**
   * After a broken quote, lines are skipped until a row fits. Default: until a row has as many fields as the first row.
   */
  fits?(fields: string[]): boolean;
  /** Longer rows are rejected, so that one runaway row does not fill the memory. */
  longestBytes?: number;
  /** Called for rows that are not plain UTF-8. */
  notice?(what: 'line in windows-1252' | 'line with NUL bytes, which were taken out', line: number): void;
}

export interface RowScanner {
  /**
   * `used` is the number of bytes that the rows took. `more`: the bytes end with a line; an incomplete last row is left
   * over. `too long`: like `more`, but the first row is too long, so its quote counts as broken. `end`: no bytes
   * follow.
   */
  rows(bytes: Buffer, ending: 'more' | 'too long' | 'end'): { rows: CsvRow[]; used: number };
  tooLong(bytes: number): CsvRow;
  /** Returns the broken row if no fitting row came after it. */
  end(): CsvRow[];
}

/**
 * Keeps the state between the rows of a file: the line number, the number of columns, and an unresolved broken quote.
 */
export function rowScanner({ separator = ',', rowInside, fits, notice }: CsvDialect): RowScanner {
  /** number of the line at which the next row begins */
  let line = 1;
  let width = 0;
  let brokenLine: number | null = null;

  const fitting = (fields: string[]): boolean => (fits ? fits(fields) : fields.length === width);

  return {
    rows(bytes, ending) {
      const rows: CsvRow[] = [];
      const { text, plain } = chunkText(bytes);
      const cut: Cut = { text, separator, rowInside, fields: [], breaks: 0, nextSeparator: -1 };
      let quote = -1;
      let start = 0;
      while (start < text.length) {
        const lf = indexOrEnd(text, '\n', start);
        if (lf === start || (lf === start + 1 && text.charCodeAt(start) === CR)) {
          start = lf + 1;
          line++;
          continue;
        }
        if (quote < start) quote = indexOrEnd(text, '"', start);
        cut.fields = [];
        cut.breaks = 0;
        let next = quote > lf || quote === text.length ? cutPlainLine(cut, start, lf) : cutQuotedRow(cut, start);
        if (next === MORE) {
          if (ending === 'more' || (ending === 'too long' && rows.length > 0)) break;
          next = BROKEN;
        }
        if (next === BROKEN) {
          brokenLine ??= line;
          start = lf + 1;
          line++;
          continue;
        }
        const { fields, breaks } = cut;
        if (width === 0) width = fields.length;
        if (brokenLine !== null && fitting(fields)) {
          rows.push(brokenQuote(brokenLine, line));
          brokenLine = null;
        }
        if (brokenLine === null)
          rows.push(
            plain ? { kind: 'row', line, fields } : cleanedRow({ row: text.slice(start, next), fields, line, notice }),
          );
        line += 1 + breaks;
        start = next;
      }
      start = Math.min(start, text.length);
      const used = plain && text.length !== bytes.length ? bytes.length - Buffer.byteLength(text.slice(start)) : start;
      return { rows, used };
    },
    tooLong(bytes) {
      return { kind: 'bad', line: line++, reason: `a line of ${Math.round(bytes / 1e6)} MB` };
    },
    end() {
      return brokenLine === null ? [] : [brokenQuote(brokenLine, line)];
    },
  };
}

/** A text that is being cut into rows. */
interface Cut {
  readonly text: string;
  readonly separator: string;
  readonly rowInside: RegExp | undefined;
  /** the fields of the current row */
  fields: string[];
  /** line breaks inside `fields` */
  breaks: number;
  /** index of the next separator; searched again only after a row has passed it */
  nextSeparator: number;
}

/** Cuts the line at `start`, which has no quotes, into fields. Returns where the next line begins. */
function cutPlainLine(cut: Cut, start: number, lf: number): number {
  const { text, separator, fields } = cut;
  const end = lf > start && text.charCodeAt(lf - 1) === CR ? lf - 1 : lf;
  let { nextSeparator } = cut;
  let from = start;
  for (;;) {
    if (nextSeparator < from) nextSeparator = indexOrEnd(text, separator, from);
    if (nextSeparator >= end) break;
    fields.push(text.slice(from, nextSeparator));
    from = nextSeparator + 1;
  }
  fields.push(text.slice(from, end));
  cut.nextSeparator = nextSeparator;
  return lf + 1;
}

/** Cuts the row at `start`, which has quotes, into fields. Returns where the next row begins, or MORE, or BROKEN. */
function cutQuotedRow(cut: Cut, start: number): number {
  const { text, rowInside, fields } = cut;
  const comma = cut.separator.charCodeAt(0);
  for (let from = start; ;) {
    if (text.charCodeAt(from) !== QUOTE) {
      let end = from;
      for (let code = text.charCodeAt(end); end < text.length && code !== comma && code !== LF;)
        code = text.charCodeAt(++end);
      const last = end === text.length || text.charCodeAt(end) === LF;
      fields.push(text.slice(from, last && end > from && text.charCodeAt(end - 1) === CR ? end - 1 : end));
      if (last) return end + 1;
      from = end + 1;
      continue;
    }
    let close = text.indexOf('"', from + 1);
    let escaped = false;
    for (; close !== -1 && text.charCodeAt(close + 1) === QUOTE; close = text.indexOf('"', close + 2)) escaped = true;
    if (close === -1) return MORE;
    let field = text.slice(from + 1, close);
    const lf = field.indexOf('\n');
    if (lf !== -1) {
      if (rowInside?.test(field)) return BROKEN;
      for (let index = lf; index !== -1; index = field.indexOf('\n', index + 1)) cut.breaks++;
    }
    if (escaped) field = field.replaceAll('""', '"');
    fields.push(field);
    let next = close + 1;
    if (text.charCodeAt(next) === comma) {
      from = next + 1;
      continue;
    }
    if (text.charCodeAt(next) === CR) next++;
    if (next >= text.length || text.charCodeAt(next) === LF) return next + 1;
    return BROKEN;
  }
}

/** Reports the lines from `first` up to `next` as lost. */
function brokenQuote(first: number, next: number): CsvRow {
  const lost = next - first - 1;
  const others = lost === 1 ? 'the next line is' : `the next ${lost} lines are`;
  return { kind: 'bad', line: first, reason: lost === 0 ? 'broken quote' : `broken quote; with it ${others} lost` };
}

const LF = 0x0a;
const CR = 0x0d;
const QUOTE = 0x22;
// Returned instead of the index at which the next row begins:
const MORE = -1;
const BROKEN = -2;

function indexOrEnd(text: string, what: string, from: number): number {
  const index = text.indexOf(what, from);
  return index === -1 ? text.length : index;
}
