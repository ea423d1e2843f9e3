import { textWidth } from '../../pipeline/diagnostic/text-width.ts';
import { printable } from './printable.ts';

export interface TextColumn {
  head: string;
  right?: boolean;
  /**
   * May be cut where the terminal is too narrow: columns with the lowest number first, and of those the widest first. A
   * column without one is never cut.
   */
  shrinks?: number;
  /** It is not cut to fewer cells than this: 8 by default. */
  least?: number;
  /** It is left out before a column with a higher number is cut. */
  goes?: boolean;
  /** How a text is cut: `clipped`, at its end, by default. */
  cut?: (text: string, width: number) => string;
}

/**
 * Rows in columns two spaces apart. No line is wider than `width`: columns are cut and left out in the order of their
 * `shrinks`. `paint` gets each finished line and the index of its row, null for the heads.
 */
export function textTable(
  columns: TextColumn[],
  rows: string[][],
  { width = Infinity, paint = (line: string, _row: number | null): string => line } = {},
): string[] {
  const cells = [columns.map(({ head }) => head), ...rows].map((row) => row.map(printable));
  const widest = columns.map((_, index) => Math.max(...cells.map((row) => textWidth(row[index] ?? ''))));
  const fitted = fittedColumns(
    columns.map((column, index) => ({ column, index, cells: widest[index] ?? 0 })),
    width,
  );
  return cells.map((row, rowIndex) => {
    const line = fitted
      .map(({ column, index, cells: room }) => padded(row[index] ?? '', room, column.right, column.cut))
      .join('  ')
      .trimEnd();
    return paint(clipped(line, width), rowIndex === 0 ? null : rowIndex - 1);
  });
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

/** As `clipped`, but cut in the middle: the ends of names and numbers tell them apart. */
export function clippedMiddle(text: string, width: number): string {
  if (textWidth(text) <= width) return text;
  const end = Math.min(width - 1, Math.max(5, Math.floor((width - 1) / 2)));
  return startOf(text, width - 1 - end) + clippedStart(text, end + 1);
}

/** As `clipped`, but cut at the start: the end of a path says what it is. */
export function clippedStart(text: string, width: number): string {
  if (textWidth(text) <= width) return text;
  const kept: string[] = [];
  let left = width - 1;
  for (const part of charactersOf(text).reverse()) {
    left -= textWidth(part);
    if (left < 0) break;
    kept.unshift(part);
  }
  return `…${kept.join('')}`;
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

export function padded(text: string, width: number, right = false, cut = clipped): string {
  const shown = cut(text, width);
  const space = ' '.repeat(Math.max(0, width - textWidth(shown)));
  return right ? space + shown : shown + space;
}

/** The lines of a text, each wrapped to at most `width` cells, at spaces if possible. */
export const wrapped = (text: string, width: number): string[] => hanging(text, width, '');

/**
 * As `wrapped`; each further line of a line begins with `wanted`, if there is room for it, so that it stands below its
 * text.
 */
export function hanging(text: string, width: number, wanted: string): string[] {
  const indent = wanted.length > width - NARROWEST ? '' : wanted;
  return text.split('\n').flatMap((line) => {
    const lines: string[] = [];
    let rest = line;
    while (textWidth(rest) > width) {
      const first = firstLine(rest, width, lines.length === 0 ? 0 : indent.length);
      lines.push(first.trimEnd());
      rest = indent + rest.slice(first.length).replace(/^ /, '');
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

interface Fitted {
  column: TextColumn;
  index: number;
  /** its width */
  cells: number;
}

/** The columns that stay, with their widths. */
function fittedColumns(all: Fitted[], width: number): Fitted[] {
  const fitted = all.map((one) => ({ ...one }));
  const excess = (): number => fitted.reduce((sum, { cells }) => sum + cells + 2, -2) - width;
  const orders = [...new Set(fitted.flatMap(({ column }) => column.shrinks ?? []))].sort((a, b) => a - b);
  for (const order of orders) {
    const members = fitted.filter(({ column }) => column.shrinks === order);
    while (excess() > 0) {
      const shrinking = members.filter(({ column, cells }) => cells > (column.least ?? NARROWEST));
      if (shrinking.length === 0) break;
      shrinking.reduce((best, one) => (one.cells > best.cells ? one : best)).cells--;
    }
    const going = excess() > 0 ? members.findLast(({ column }) => column.goes) : undefined;
    if (going)
      return fittedColumns(
        all.filter(({ index }) => index !== going.index),
        width,
      );
  }
  return fitted;
}

/** The longest start of a line that fits, up to a space behind its first `from` characters if there is one. */
function firstLine(line: string, width: number, from: number): string {
  const fitting = startOf(line, width) || ([...line][0] ?? '');
  if (line[fitting.length] === ' ') return fitting;
  const space = fitting.lastIndexOf(' ');
  return space < from || fitting.slice(from, space).trim() === '' ? fitting : fitting.slice(0, space + 1);
}

/** As many characters as fit, without a sign for those that do not. */
function startOf(text: string, width: number): string {
  let fitting = '';
  let left = width;
  for (const character of text) {
    left -= textWidth(character);
    if (left < 0) break;
    fitting += character;
  }
  return fitting;
}
