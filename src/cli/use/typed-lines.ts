import type { Interface } from 'node:readline';

/** What the user types, also while nobody is waiting for it. */
export interface TypedLines {
  /** The lines that were typed or pasted since the last call, at least one; null once the input has ended. */
  next(): Promise<string[] | null>;
}

/** Lines that arrive within this time were pasted together. */
const PASTE_MS = 30;

export function typedLines(lines: Interface): TypedLines {
  const typed: string[] = [];
  let isOver = false;
  let timer: NodeJS.Timeout | undefined;
  let waiting: ((lines: string[] | null) => void) | null = null;
  const answer = (): void => {
    if (waiting === null || (typed.length === 0 && !isOver)) return;
    const resolve = waiting;
    [waiting, timer] = [null, undefined];
    resolve(typed.length > 0 ? typed.splice(0) : null);
  };
  const later = (): void => {
    clearTimeout(timer);
    timer = setTimeout(answer, PASTE_MS);
  };
  lines.on('line', (line) => {
    typed.push(line);
    later();
  });
  lines.on('close', () => {
    isOver = true;
    later();
  });
  return {
    next: () =>
      new Promise((resolve) => {
        waiting = resolve;
        later();
      }),
  };
}
