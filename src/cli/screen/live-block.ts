import { clipped, rowsOn } from './text-table.ts';

/** The lines at the bottom of a terminal that are drawn again and again, with finished lines growing above them. */
export interface LiveBlock {
  /** finished text, above the block; `lines`: what the block shows from now on, if that changes too */
  print(text: string, lines?: string[]): void;
  draw(lines: string[]): void;
}

/** On anything but a terminal the block does not exist, and `print` prints. */
export function openBlock(stream: NodeJS.WriteStream): LiveBlock & { live: boolean } {
  const live = stream.isTTY && process.env['TERM'] !== 'dumb';
  let drawn: string[] = [];
  const columns = (): number => Math.max(20, stream.columns || 80);
  /**
   * Back to where the block begins. A terminal that became narrower has wrapped its lines: they are counted as they
   * stand now.
   */
  const erase = (): string => {
    const rows = drawn.reduce((sum, line) => sum + rowsOn(line, columns()), 0);
    return rows === 0 ? '' : `\r${rows > 1 ? `\x1b[${rows - 1}A` : ''}\x1b[J`;
  };
  const show = (above: string, lines: string[]): void => {
    const room = Math.max(1, (stream.rows || 24) - 1);
    const cut = lines.slice(0, room).map((line) => clipped(line, columns() - 1));
    const text = `${erase()}${above}${cut.join('\n')}`;
    drawn = cut;
    if (text) stream.write(text);
  };
  return {
    live,
    print: (text, lines = drawn) => (live ? show(`${text}\n`, lines) : void stream.write(`${text}\n`)),
    draw: (lines) => void (live && (lines.length > 0 || drawn.length > 0) && show('', lines)),
  };
}
