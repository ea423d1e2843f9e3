import { printable, shown, writeAfter } from './printable.ts';
import { clipped, rowsOn } from './text-table.ts';

/** Lines at the bottom of a terminal that are redrawn repeatedly. Finished lines are printed above them. */
export interface LiveBlock {
  /** Prints finished text above the block. `lines`: the new content of the block, if that changes too. */
  print(text: string, lines?: string[]): void;
  draw(lines: string[]): void;
}

/** If the stream is not a terminal, there is no block and `print` just prints. */
export function openBlock(stream: NodeJS.WriteStream): LiveBlock & { live: boolean } {
  const live = stream.isTTY && process.env['TERM'] !== 'dumb';
  let drawn: string[] = [];
  const columns = (): number => Math.max(20, stream.columns || 80);
  /**
   * Moves to the start of the block and clears it. A terminal that became narrower has wrapped the lines, so rows are
   * counted at its present width.
   */
  const erase = (): string => {
    const rows = drawn.reduce((sum, line) => sum + rowsOn(line, columns()), 0);
    return rows === 0 ? '' : `\r${rows > 1 ? `\x1b[${rows - 1}A` : ''}\x1b[J`;
  };
  const show = (above: string, lines: string[]): void => {
    const room = Math.max(1, (stream.rows || 24) - 1);
    const cut = lines.slice(0, room).map((line) => clipped(printable(line), columns() - 1));
    const [controls, text] = [erase(), `${above}${cut.join('\n')}`];
    drawn = cut;
    if (controls || text) writeAfter(stream, controls, text);
  };
  return {
    live,
    print: (text, lines = drawn) => (live ? show(`${text}\n`, lines) : void stream.write(`${shown(text)}\n`)),
    draw: (lines) => void (live && (lines.length > 0 || drawn.length > 0) && show('', lines)),
  };
}
