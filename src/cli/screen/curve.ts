import { figure } from './shown-values.ts';

export interface CurvePoint {
  step: number;
  value: number;
}

/** Rows of text, each four dots high. */
const ROWS = 5;
const WIDEST = 80;

/**
 * A curve in braille dots, with its highest and lowest value at the left and its first and last step below it. Points
 * are joined by straight lines. Empty if there are fewer than three points, or no room.
 */
export function curveLines(points: CurvePoint[], columns: number): string[] {
  const drawn = points.filter(({ value }) => Number.isFinite(value));
  if (drawn.length < 3) return [];
  const [first, last] = [drawn[0]!.step, drawn.at(-1)!.step];
  const low = drawn.reduce((least, { value }) => Math.min(least, value), Infinity);
  const high = drawn.reduce((most, { value }) => Math.max(most, value), -Infinity);
  const margin = Math.max(figure(high).length, figure(low).length) + 1;
  const cells = Math.min(columns, WIDEST) - margin - 2;
  if (cells < 10 || last <= first) return [];

  const canvas = dots(cells, ROWS);
  const across = (step: number): number => Math.round(((step - first) / (last - first)) * (2 * cells - 1));
  const down = (value: number): number => Math.round(((high - value) / (high - low || 1)) * (4 * ROWS - 1));
  for (const [i, to] of drawn.entries()) {
    const from = drawn[Math.max(0, i - 1)]!;
    canvas.line(across(from.step), down(from.value), across(to.step), down(to.value));
  }
  const label = (row: number): string => (row === 0 ? figure(high) : row === ROWS - 1 ? figure(low) : '');
  const steps = `${first}${`step ${last}`.padStart(cells - String(first).length)}`;
  return [
    ...canvas.rows().map((text, row) => `  ${label(row).padStart(margin - 1)} ${text}`.trimEnd()),
    `  ${' '.repeat(margin)}${steps}`,
  ];
}

// ---------------------------------------------------------------------------

/** The bits of a braille character, by row and column of its dots. */
const BITS = [
  [0x01, 0x08],
  [0x02, 0x10],
  [0x04, 0x20],
  [0x40, 0x80],
] as const;

function dots(width: number, height: number) {
  const cells = Array.from({ length: height }, () => new Uint8Array(width));
  const set = (x: number, y: number): void => {
    cells[y >> 2]![x >> 1]! |= BITS[y & 3]![x & 1]!;
  };
  return {
    line(fromX: number, fromY: number, toX: number, toY: number): void {
      const length = Math.max(Math.abs(toX - fromX), Math.abs(toY - fromY), 1);
      for (let i = 0; i <= length; i++)
        set(Math.round(fromX + ((toX - fromX) * i) / length), Math.round(fromY + ((toY - fromY) * i) / length));
    },
    rows: (): string[] =>
      cells.map((row) => Array.from(row, (bits) => (bits === 0 ? ' ' : String.fromCharCode(0x2800 + bits))).join('')),
  };
}
