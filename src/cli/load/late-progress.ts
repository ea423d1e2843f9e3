import { progressLines } from '../screen/progress-lines.ts';

/** Progress of work that usually takes less than a second; nothing is shown before that. */
export function lateProgress(stream: NodeJS.WriteStream): {
  update(what: string, done: number, total: number): void;
  close(): void;
} {
  const began = Date.now();
  const lines = progressLines(stream);
  let shown = false;
  return {
    update(what, done, total) {
      if (Date.now() - began < 1000) return;
      shown = true;
      lines.update(done, total, what);
    },
    close: () => void (shown && lines.close()),
  };
}
