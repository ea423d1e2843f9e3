import { textWidth } from '../../pipeline/diagnostic/text-width.ts';
import { printable } from './printable.ts';

export interface TextColumn {
  head: string;
  right?: boolean;
  /** may be cut where the terminal is too narrow; the widest such column is cut first */
  shrinks?: boolean;
}

/**
 * Rows in columns two spaces apart, cut to `width` if the columns that shrink allow it. `paint` gets each finished line
 * and the index of its row, null for the heads.
 */
export function textTable(
  columns: TextColumn[],
  rows: string[][],
  { width = Infinity, paint = (line: string, _row: number | null): string => line } = {},
): string[] {
  const cells = [columns.map(({ head }) => head), ...rows].map((row) => row.map(printable));
  const widths = columns.map((_, index) => Math.max(...cells.map((row) => textWidth(row[index] ?? ''))));
  shrink(widths, columns, width);
  return cells.map((row, rowIndex) =>
    paint(
      columns
        .map((column, index) => padded(row[index] ?? '', widths[index] ?? 0, column.right))
        .join('  ')
        .trimEnd(),
      rowIndex === 0 ? null : rowIndex - 1,
    ),
  );
}

/** The width of the terminal; infinite if the output is not a terminal, so that nothing is cut. */
export const widthOf = (stream: NodeJS.WriteStream): number => (stream.isTTY ? (stream.columns ?? 80) : Infinity);

/** A text cut to a number of terminal cells, with `…` at the cut. Colour codes take no cells and are never cut. */
export function clipped(text: string, width: number): string {
  if (textWidth(text) <= width) return text;
  let left = width - 1;
  let kept = '';
  for (const part of partsOf(text)) {
    const cells = textWidth(part);
    if (cells > left) left = -1;
    if (cells === 0 && (left >= 0 || COLOUR.test(part))) kept += part;
    else if (cells <= left) {
      kept += part;
      left -= cells;
    }
  }
  return `${kept}…`;
}

/** How many rows a line takes on a terminal that wraps it; a wide character is never split. */
export function rowsOn(line: string, columns: number): number {
  if (textWidth(line) <= columns) return 1;
  let [rows, column] = [1, 0];
  for (const cells of partsOf(line).map((part) => textWidth(part))) {
    if (column + cells > columns) [rows, column] = [rows + 1, 0];
    column += cells;
  }
  return rows;
}

export function padded(text: string, width: number, right = false): string {
  const shown = clipped(text, width);
  const space = ' '.repeat(Math.max(0, width - textWidth(shown)));
  return right ? space + shown : shown + space;
}

/** The lines of a text, each wrapped to at most `width` cells, at spaces if possible. */
export function wrapped(text: string, width: number): string[] {
  return text.split('\n').flatMap((line) => {
    const lines: string[] = [];
    let rest = line;
    while (textWidth(rest) > width) {
      const first = firstLine(rest, width);
      lines.push(first.trimEnd());
      rest = rest.slice(first.length);
    }
    return [...lines, rest];
  });
}

// ---------------------------------------------------------------------------

const NARROWEST = 8;
const COLOUR = /^\x1b\[[0-9;]*m$/;
/** created when first needed, because that takes 30 ms */
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
  const total = (): number => widths.reduce((sum, cells) => sum + cells, 2 * (widths.length - 1));
  while (total() > width) {
    const candidates = widths.flatMap((cells, index) => (columns[index]?.shrinks && cells > NARROWEST ? [index] : []));
    if (candidates.length === 0) return;
    const widest = candidates.reduce((best, index) => ((widths[index] ?? 0) > (widths[best] ?? 0) ? index : best));
    widths[widest] = (widths[widest] ?? 0) - 1;
  }
}

/** The longest start of a line that fits, up to a space if that is in its second half. */
function firstLine(line: string, width: number): string {
  let fitting = '';
  for (const character of line) {
    if (textWidth(fitting + character) > width) break;
    fitting += character;
  }
  const space = fitting.lastIndexOf(' ');
  if (line[fitting.length] === ' ' || space < width / 2) return fitting || [...line][0] || line;
  return fitting.slice(0, space + 1);
}
