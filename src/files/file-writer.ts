import { closeSync, openSync, renameSync, writeSync } from 'node:fs';

export interface FileWriter {
  /** Bytes written so far. */
  readonly bytes: number;
  /**
   * The bytes are copied; a string is written as UTF-8. Throws an Error that names the file when the disk refuses (no
   * space left, …).
   */
  write(data: string | Uint8Array): void;
  /** Overwrites bytes that were written before, e.g. a header whose count is known only at the end. */
  patch(position: number, data: Uint8Array): void;
  /** Writes the rest; only now the file stands under its name. */
  close(): void;
  /** Closes without giving the file its name. */
  abandon(): void;
}

/** A buffered file that is written as `<path>.partial` and gets its name when it is whole. */
export function openFileWriter(path: string): FileWriter {
  const partialPath = `${path}.partial`;
  const fd = openSync(partialPath, 'w');
  const buffer = Buffer.allocUnsafe(BUFFER_BYTES);
  let buffered = 0;
  let flushed = 0;
  /** One write call may take only a part, as it does just before a disk is full. */
  const writeAll = (bytes: Uint8Array, position: number): void => {
    try {
      for (let done = 0; done < bytes.length;) done += writeSync(fd, bytes, done, bytes.length - done, position + done);
    } catch (cause) {
      throw new Error(`cannot write ${path}: ${(cause as Error).message}`, { cause });
    }
  };
  const flush = (): void => {
    writeAll(buffer.subarray(0, buffered), flushed);
    flushed += buffered;
    buffered = 0;
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
        writeAll(bytes, flushed);
        flushed += bytes.length;
      } else {
        buffer.set(bytes, buffered);
        buffered += bytes.length;
      }
    },
    patch(position, data) {
      flush();
      writeAll(data, position);
    },
    close() {
      flush();
      closeSync(fd);
      renameSync(partialPath, path);
    },
    abandon() {
      closeSync(fd);
    },
  };
}

/** Writes a small file whole or not at all. */
export function writeWhole(path: string, text: string): void {
  const writer = openFileWriter(path);
  writer.write(text);
  writer.close();
}

const BUFFER_BYTES = 1 << 20;
/** UTF-8 bytes of one UTF-16 code unit */
const MOST_BYTES_PER_UNIT = 3;
