/**
 * Emulates a terminal screen: enough of a VT100 for what the live view writes, with lines that rewrap when the terminal
 * is resized.
 */
export function openScreen(columns: number, rows = 24) {
  let lines: string[] = [''];
  let row = 0;
  let column = 0;
  const listeners: (() => void)[] = [];
  const put = (char: string): void => {
    lines[row] = (lines[row] ?? '').padEnd(column).slice(0, column) + char + (lines[row] ?? '').slice(column + 1);
    column++;
  };
  const stream = {
    isTTY: true,
    columns,
    rows,
    written: 0,
    write(text: string) {
      stream.written += text.length;
      for (const [part, count, what] of text.replace(/\x1b\[[0-9;]*m/g, '').matchAll(/\x1b\[(\d*)([AJK])|[^]/gu)) {
        if (what === 'A') row -= Number(count);
        else if (what === 'J') lines = [...lines.slice(0, row), (lines[row] ?? '').slice(0, column)];
        else if (what === 'K') lines[row] = (lines[row] ?? '').slice(0, column);
        else if (part === '\r') column = 0;
        else if (part === '\n') {
          row++;
          column = 0;
          lines[row] ??= '';
        } else if (column < stream.columns) put(part);
      }
      return true;
    },
    on: (event: string, listener: () => void) => void (event === 'resize' && listeners.push(listener)),
    off: () => {},
  };
  return {
    stream: stream as unknown as NodeJS.WriteStream,
    lines: () => lines.map((line) => line.trimEnd()).filter((line, index) => line !== '' || index < lines.length - 1),
    /** rewraps: each line that has become too long takes several rows */
    resize(to: number) {
      const cursor = lines.slice(0, row).reduce((sum, line) => sum + Math.max(1, Math.ceil(line.length / to)), 0);
      const rows = Math.max(1, Math.ceil((lines[row] ?? '').length / to));
      lines = lines.flatMap((line) =>
        line.length <= to ? [line] : (line.match(new RegExp(`.{1,${to}}`, 'gu')) ?? []),
      );
      row = cursor + rows - 1;
      stream.columns = to;
      for (const listener of listeners) listener();
    },
  };
}
