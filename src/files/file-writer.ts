import { closeSync, fsyncSync, openSync, renameSync, rmSync, writeSync } from 'node:fs';
import { dirname } from 'node:path';
import { syncPath } from './sync.ts';

/**
 * Writes a large file piece by piece as `<path>.partial` and renames it when it is complete. Only one process may write
 * a file at a time; after a crash, the next one overwrites the partial file. For small files see `replace-file.ts`.
 */
export interface FileWriter {
  /** Bytes written so far. */
  readonly bytes: number;
  /**
   * Copies the bytes; a string is written as UTF-8. If writing fails (no space left, …), throws an Error that names the
   * file.
   */
  write(data: string | Uint8Array): void;
  /** Overwrites earlier bytes, e.g. a header with a count that is known only at the end. */
  patch(position: number, data: Uint8Array): void;
  /** Writes the rest and renames the file. A power cut may still lose it. */
  close(): void;
  /** Like `close`, but syncs the content and the name to disk. */
  closeDurably(): void;
  /** Deletes the partial file; does nothing after `close`. Never throws. */
  abandon(): void;
}

export function openFileWriter(path: string): FileWriter {
  const partialPath = `${path}.partial`;
  const fd = openSync(partialPath, 'w');
  const buffer = Buffer.allocUnsafe(BUFFER_BYTES);
  let buffered = 0;
  let flushed = 0;
  let open = true;
  const writeAt = (bytes: Uint8Array, position: number): void => {
    try {
      writeAll(fd, bytes, position);
    } catch (cause) {
      throw cannotWrite(path, cause);
    }
  };
  const flush = (): void => {
    writeAt(buffer.subarray(0, buffered), flushed);
    flushed += buffered;
    buffered = 0;
  };
  const finish = (sync: boolean): void => {
    flush();
    if (sync) fsyncSync(fd);
    open = false;
    closeSync(fd);
    renameSync(partialPath, path);
    if (sync) syncPath(dirname(path));
  };
  return {
    get bytes() {
      return flushed + buffered;
    },
    write(data) {
      if (typeof data === 'string' && data.length <= BUFFER_BYTES / MOST_BYTES_PER_UNIT) {
        if (buffered + data.length * MOST_BYTES_PER_UNIT > BUFFER_BYTES) flush();
        buffered += buffer.write(data, buffered);
        return;
      }
      const bytes = typeof data === 'string' ? Buffer.from(data, 'utf8') : data;
      if (buffered + bytes.length > BUFFER_BYTES) flush();
      if (bytes.length > BUFFER_BYTES) {
        writeAt(bytes, flushed);
        flushed += bytes.length;
      } else {
        buffer.set(bytes, buffered);
        buffered += bytes.length;
      }
    },
    patch(position, data) {
      flush();
      writeAt(data, position);
    },
    close: () => finish(false),
    closeDurably: () => finish(true),
    abandon() {
      try {
        if (open) closeSync(fd);
        open = false;
        rmSync(partialPath, { force: true });
      } catch {
        // report only the error that made the caller give up
      }
    },
  };
}

/** Writes a file of any size and syncs it to disk. Leaves nothing behind if `fill` or the disk fails. */
export async function writeFileDurably(
  path: string,
  fill: (write: (bytes: Uint8Array) => void) => void | Promise<void>,
): Promise<void> {
  const writer = openFileWriter(path);
  try {
    await fill(writer.write);
    writer.closeDurably();
  } catch (error) {
    writer.abandon();
    throw error;
  }
}

/** An Error that names the file, with the `code` of the system error. */
export function cannotWrite(path: string, cause: unknown): Error {
  const { message, code } = cause as NodeJS.ErrnoException;
  return Object.assign(new Error(`cannot write ${path}: ${message}`, { cause }), code === undefined ? {} : { code });
}

// ---------------------------------------------------------------------------

const BUFFER_BYTES = 1 << 20;
/** UTF-8 bytes of one UTF-16 code unit */
const MOST_BYTES_PER_UNIT = 3;
/** One system call writes less than 2 GiB. */
const MOST_BYTES_PER_CALL = 2 ** 30;

/** Repeats the call, because each may write only part of the bytes, for example just before the disk is full. */
function writeAll(fd: number, bytes: Uint8Array, position: number): void {
  for (let done = 0; done < bytes.length;)
    done += writeSync(fd, bytes, done, Math.min(bytes.length - done, MOST_BYTES_PER_CALL), position + done);
}
