import { progressLines } from '../machine/prepare-engine.ts';

/** Progress of what is mostly done before anybody would look: it shows after a second. */
export function lateProgress(stream: NodeJS.WriteStream): {
  tell(what: string, done: number, total: number): void;
  close(): void;
} {
  const began = Date.now();
  const lines = progressLines(stream);
  let told = false;
  return {
    tell(what, done, total) {
      if (Date.now() - began < 1000) return;
      told = true;
      lines.update(done, total, what);
    },
    close: () => void (told && lines.close()),
  };
}
