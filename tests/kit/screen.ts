/**
 * A terminal of so many columns, as a person sees it: enough of a VT100 for what the live view writes, and lines that
 * wrap again when it is resized.
 */
export function openScreen(columns: number, rows = 24) {
  let lines: string[] = [''];
  let at = 0;
  let column = 0;
  const listeners: (() => void)[] = [];
  const put = (char: string): void => {
    lines[at] = (lines[at] ?? '').padEnd(column).slice(0, column) + char + (lines[at] ?? '').slice(column + 1);
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
        if (what === 'A') at -= Number(count);
        else if (what === 'J') lines = [...lines.slice(0, at), (lines[at] ?? '').slice(0, column)];
        else if (what === 'K') lines[at] = (lines[at] ?? '').slice(0, column);
        else if (part === '\r') column = 0;
        else if (part === '\n') {
          at++;
          column = 0;
          lines[at] ??= '';
        } else if (column < stream.columns) put(part);
      }
      return true;
    },
    on: (event: string, listener: () => void) => void (event === 'resize' && listeners.push(listener)),
    off: () => {},
  };
  return {
    stream: stream as unknown as NodeJS.WriteStream,
    lines: () => lines.map((line) => line.trimEnd()).filter((line, place) => line !== '' || place < lines.length - 1),
    /** as terminals that wrap anew do it: each line that has become too long takes several */
    resize(to: number) {
      const cursor = lines.slice(0, at).reduce((sum, line) => sum + Math.max(1, Math.ceil(line.length / to)), 0);
      const own = Math.max(1, Math.ceil((lines[at] ?? '').length / to));
      lines = lines.flatMap((line) =>
        line.length <= to ? [line] : (line.match(new RegExp(`.{1,${to}}`, 'gu')) ?? []),
      );
      at = cursor + own - 1;
      stream.columns = to;
      for (const listener of listeners) listener();
    },
  };
}
