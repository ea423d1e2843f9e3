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

/** The beginning of a text in so many cells, `…` where it goes on. */
export function clipped(text: string, width: number): string {
  if (stringWidth(text) <= width) return text;
  let kept = '';
  for (const character of text) {
    if (stringWidth(kept + character) > width - 1) break;
    kept += character;
  }
  return `${kept}…`;
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
