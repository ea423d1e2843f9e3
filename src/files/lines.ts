import { isUtf8 } from 'node:buffer';
import { open } from 'node:fs/promises';

/** Lines are numbered from 1. A line that is not valid text is `bad`; reading continues after it. */
export type Line = { kind: 'text'; number: number; text: string } | { kind: 'bad'; number: number; reason: string };

export interface ReadLinesOptions {
  /** Longer lines are bad, so that one huge line does not fill the memory. */
  longestBytes?: number;
  /** called with the number of bytes just read from the file */
  onBytes?: (bytes: number) => void;
}

/**
 * Reads the lines of a UTF-8 file in bounded memory, without their line ends (LF or CR LF) and without a byte order
 * mark. Node's readline is not used because it also splits at U+2028, which a JSON string may contain, and at a lone
 * CR.
 */
export async function* readLines(path: string, options: ReadLinesOptions = {}): AsyncGenerator<Line> {
  const { longestBytes = LONGEST_BYTES, onBytes } = options;
  const file = await open(path, 'r');
  try {
    const chunk = Buffer.allocUnsafe(CHUNK_BYTES);
    let parts: Buffer[] = [];
    let length = 0;
    let number = 0;
    const add = (part: Buffer): void => {
      length += part.length;
      if (length <= longestBytes) parts.push(part);
      else parts = [];
    };
    const finish = (): Line => {
      number++;
      const line =
        length > longestBytes
          ? tooLong(number, longestBytes)
          : lineOf(parts.length === 1 ? parts[0]! : Buffer.concat(parts), number);
      parts = [];
      length = 0;
      return line;
    };
    for (;;) {
      const { bytesRead } = await file.read(chunk, 0, CHUNK_BYTES);
      if (bytesRead === 0) break;
      onBytes?.(bytesRead);
      const data = chunk.subarray(0, bytesRead);
      if (number === 0 && length === 0 && isUtf16(data)) {
        yield { kind: 'bad', number: 1, reason: 'the file is UTF-16: save it as UTF-8' };
        return;
      }
      let start = 0;
      for (let end = data.indexOf(LF, start); end !== -1; end = data.indexOf(LF, start)) {
        add(data.subarray(start, end));
        yield finish();
        start = end + 1;
      }
      if (start < bytesRead) add(Buffer.from(data.subarray(start)));
    }
    if (length > 0) yield finish();
  } finally {
    await file.close();
  }
}

const LF = 0x0a;
const CR = 0x0d;
const CHUNK_BYTES = 1 << 18;
const LONGEST_BYTES = 64 << 20;

function lineOf(bytes: Buffer, number: number): Line {
  const end = bytes.length > 0 && bytes[bytes.length - 1] === CR ? bytes.length - 1 : bytes.length;
  const start = number === 1 && bytes[0] === 0xef && bytes[1] === 0xbb && bytes[2] === 0xbf ? 3 : 0;
  const content = bytes.subarray(start, end);
  return isUtf8(content)
    ? { kind: 'text', number, text: content.toString('utf8') }
    : { kind: 'bad', number, reason: 'not UTF-8' };
}

function tooLong(number: number, longestBytes: number): Line {
  return { kind: 'bad', number, reason: `longer than ${Math.round(longestBytes / 2 ** 20)} MiB` };
}

function isUtf16(data: Buffer): boolean {
  return (data[0] === 0xff && data[1] === 0xfe) || (data[0] === 0xfe && data[1] === 0xff);
}
