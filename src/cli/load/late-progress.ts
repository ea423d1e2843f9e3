import { progressLines } from '../screen/progress-lines.ts';

/** Progress of work that is mostly done before anybody would look: it appears after a second. */
export function lateProgress(stream: NodeJS.WriteStream): {
  tell(what: string, done: number, total: number): void;
  close(): void;
} {
  const began = Date.now();
  const lines = progressLines(stream);
  let shown = false;
  return {
    tell(what, done, total) {
      if (Date.now() - began < 1000) return;
      shown = true;
      lines.update(done, total, what);
    },
    close: () => void (shown && lines.close()),
  };
}
