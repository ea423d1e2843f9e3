import {
  chmodSync,
  closeSync,
  existsSync,
  fstatSync,
  fsyncSync,
  mkdirSync,
  mkdtempSync,
  openSync,
  readFileSync,
  renameSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, dirname, join } from 'node:path';
import { appendWhole } from '../files/append-line.ts';
import { replaceFileDurably } from '../files/replace-file.ts';
import { syncPath } from '../files/sync.ts';

/** A line was not written where it belongs. The message is for the judge. */
export class NotSaved extends Error {
  override name = 'NotSaved';
}

/** A file of lines that only grows. All of it is in memory too, in case another program removes or replaces the file. */
export interface KeptFile {
  /**
   * Returns when the text is on disk, in the file that has this path. Throws NotSaved if it is not; what was appended
   * before is then written again, if that is possible.
   */
  append(text: string): void;
  /** Throws NotSaved if the content had to be written elsewhere. */
  close(): void;
}

/** `opened`: null if there is no file yet. */
export function keepFile(path: string, opened: { fd: number; content: Buffer } | null): KeptFile {
  let fd = opened?.fd ?? null;
  let content = opened?.content ?? Buffer.alloc(0);
  const putBack = (): string => {
    const replaced = wroteAgain(path, content);
    closeSync(fd!);
    fd = openSync(path, 'a');
    return replaced;
  };
  return {
    append(text) {
      try {
        const isNew = fd === null;
        fd ??= created(path);
        appendWhole(fd, text);
        fsyncSync(fd);
        if (isNew) syncPath(dirname(path));
      } catch (error) {
        throw new NotSaved(`the answer could not be written: ${(error as Error).message}`, { cause: error });
      }
      const longer = Buffer.concat([content, Buffer.from(text)]);
      // A file without a name takes every byte, and nobody ever finds them.
      if (!isAt(fd, path, longer.length)) throw new NotSaved(missedText(path, putBack));
      content = longer;
    },
    close() {
      if (fd === null) return;
      try {
        if (content.length > 0 && !isAt(fd, path, content.length)) putBack();
      } catch (cause) {
        const rescued = join(mkdtempSync(join(tmpdir(), 'answers-')), basename(path));
        writeFileSync(rescued, content);
        throw new NotSaved(
          `${path} was removed or changed, and cannot be written again (${(cause as Error).message}). Its answers are now in ${rescued}`,
          { cause },
        );
      } finally {
        closeSync(fd);
      }
    },
  };
}

// ---------------------------------------------------------------------------

function created(path: string): number {
  mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
  return openSync(path, 'ax', 0o600);
}

/** Whether an open file is the one that has this path, and nobody else has changed its size. */
function isAt(fd: number, path: string, size: number): boolean {
  const [ours, there] = [fstatSync(fd), statSync(path, { throwIfNoEntry: false })];
  return ours.nlink > 0 && there?.ino === ours.ino && there.dev === ours.dev && ours.size === size;
}

function missedText(path: string, putBack: () => string): string {
  const name = basename(path);
  const what = `the answer was not saved: another program has removed or changed ${name}`;
  try {
    return `${what}. Your earlier answers are in it again${putBack()}. Please answer this question again`;
  } catch (error) {
    return `${what}, and it cannot be written again: ${(error as Error).message}. Your earlier answers are kept in memory: do not end \`runner judge\` before that is mended, then answer this question again`;
  }
}

/** Writes the whole file again. What is there instead is moved aside, unless it is a beginning of it; says so. */
function wroteAgain(path: string, content: Buffer): string {
  mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
  const aside = isOurs(path, content) ? null : freeName(path);
  if (aside !== null) renameSync(path, aside);
  replaceFileDurably(path, content);
  chmodSync(path, 0o600);
  return aside === null ? '' : `, and what was there is now ${basename(aside)}`;
}

function isOurs(path: string, content: Buffer): boolean {
  const found = statSync(path, { throwIfNoEntry: false });
  if (!found) return true;
  if (!found.isFile()) return false;
  const there = readFileSync(path);
  return content.subarray(0, there.length).equals(there);
}

function freeName(path: string): string {
  for (let number = 1; ; number++) {
    const name = `${path}.replaced-${number}`;
    if (!existsSync(name)) return name;
  }
}
