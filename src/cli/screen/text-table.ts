import stringWidth from 'string-width';

export interface TextColumn {
  head: string;
  right?: boolean;
  /** may be cut where the terminal is too narrow; the widest such column is cut first */
  shrinks?: boolean;
}

/**
 * Rows in columns two spaces apart, no wider than `width` as far as the columns that shrink can give way. `paint` gets
 * each finished line.
 */
export function textTable(
  columns: TextColumn[],
  rows: string[][],
  { width = Infinity, paint = (line: string, _row: number | null): string => line } = {},
): string[] {
  const cells = [columns.map(({ head }) => head), ...rows];
  const widths = columns.map((_, at) => Math.max(...cells.map((row) => stringWidth(row[at] ?? ''))));
  shrink(widths, columns, width);
  return cells.map((row, at) =>
    paint(
      columns
        .map((column, place) => padded(row[place] ?? '', widths[place] ?? 0, column.right))
        .join('  ')
        .trimEnd(),
      at === 0 ? null : at - 1,
    ),
  );
}

/** As wide as asked for, or to the end of the terminal; nothing is cut where there is no terminal. */
export const widthOf = (stream: NodeJS.WriteStream): number => (stream.isTTY ? (stream.columns ?? 80) : Infinity);

/** The beginning of a text in so many cells of a terminal, `…` where it goes on. Colours take no cells and all stay. */
export function clipped(text: string, width: number): string {
  if (stringWidth(text) <= width) return text;
  let left = width - 1;
  let kept = '';
  for (const part of partsOf(text)) {
    const cells = stringWidth(part);
    if (cells > left) left = -1;
    if (cells === 0 && (left >= 0 || COLOUR.test(part))) kept += part;
    else if (cells <= left) {
      kept += part;
      left -= cells;
    }
  }
  return `${kept}…`;
}

/** How many rows a line takes on a terminal that wraps it; a wide character is never torn apart. */
export function rowsOn(line: string, columns: number): number {
  if (stringWidth(line) <= columns) return 1;
  let [rows, column] = [1, 0];
  for (const cells of partsOf(line).map((part) => stringWidth(part))) {
    if (column + cells > columns) [rows, column] = [rows + 1, 0];
    column += cells;
  }
  return rows;
}

export function padded(text: string, width: number, right = false): string {
  const shown = clipped(text, width);
  const space = ' '.repeat(Math.max(0, width - stringWidth(shown)));
  return right ? space + shown : shown + space;
}

/** A text of several lines in lines of at most `width` cells, broken at spaces where there are any. */
export function wrapped(text: string, width: number): string[] {
  return text.split('\n').flatMap((line) => {
    const lines: string[] = [];
    let rest = line;
    while (stringWidth(rest) > width) {
      const piece = pieceOf(rest, width);
      lines.push(piece.trimEnd());
      rest = rest.slice(piece.length);
    }
    return [...lines, rest];
  });
}

// ---------------------------------------------------------------------------

const NARROWEST = 8;
const COLOUR = /^\x1b\[[0-9;]*m$/;
/** made when it is needed: that takes 30 ms */
let segmenter: Intl.Segmenter | undefined;

/** Colour codes, and characters as a person counts them: an emoji of several code points is one. */
function partsOf(text: string): string[] {
  return text.split(/(\x1b\[[0-9;]*m)/).flatMap((part) => (COLOUR.test(part) ? [part] : charactersOf(part)));
}

function charactersOf(text: string): string[] {
  segmenter ??= new Intl.Segmenter();
  return Array.from(segmenter.segment(text), ({ segment }) => segment);
}

function shrink(widths: number[], columns: TextColumn[], width: number): void {
  const total = (): number => widths.reduce((sum, each) => sum + each, 2 * (widths.length - 1));
  while (total() > width) {
    const candidates = widths.flatMap((each, at) => (columns[at]?.shrinks && each > NARROWEST ? [at] : []));
    if (candidates.length === 0) return;
    const widest = candidates.reduce((best, at) => ((widths[at] ?? 0) > (widths[best] ?? 0) ? at : best));
    widths[widest] = (widths[widest] ?? 0) - 1;
  }
}

function pieceOf(line: string, width: number): string {
  let piece = '';
  for (const character of line) {
    if (stringWidth(piece + character) > width) break;
    piece += character;
  }
  const space = piece.lastIndexOf(' ');
  if (line[piece.length] === ' ' || space < width / 2) return piece || [...line][0] || line;
  return piece.slice(0, space + 1);
}
