import { isAscii, isUtf8 } from 'node:buffer';
import { TextDecoder } from 'node:util';

export type Encoding = 'UTF-8' | 'windows-1252' | 'UTF-16 LE' | 'UTF-16 BE';

/**
 * Converts UTF-16 to UTF-8 and removes a byte order mark. UTF-16 without a mark is recognized by zeros in every other
 * byte of the first thousand. All other content passes through unchanged. `found` is called once. Chunks are views of
 * memory that is reused.
 */
export async function* utf8Chunks(
  chunks: AsyncIterable<Uint8Array>,
  found: (encoding: Encoding, mark: boolean) => void = () => {},
): AsyncGenerator<Buffer> {
  let decoder: TextDecoder | null | undefined;
  let start: Buffer = NOTHING;
  for await (const chunk of chunks) {
    let bytes = asBuffer(chunk);
    if (decoder === undefined) {
      if (start.length > 0) bytes = Buffer.concat([start, bytes]);
      if (bytes.length < ENOUGH_TO_TELL) {
        start = Buffer.from(bytes);
        continue;
      }
      ({ decoder, bytes } = begin(bytes, found));
    }
    yield decoder ? Buffer.from(decoder.decode(bytes, { stream: true }), 'utf8') : bytes;
  }
  if (decoder === undefined) {
    const { decoder: late, bytes } = begin(start, found);
    yield late ? Buffer.from(late.decode(bytes), 'utf8') : bytes;
  } else if (decoder) {
    const last = decoder.decode();
    if (last !== '') yield Buffer.from(last, 'utf8');
  }
}

/** Detects UTF-16 and byte order marks from the first bytes of a file. */
export function detectEncoding(bytes: Uint8Array): { encoding: Encoding; markBytes: number } {
  if (bytes[0] === 0xff && bytes[1] === 0xfe) return { encoding: 'UTF-16 LE', markBytes: 2 };
  if (bytes[0] === 0xfe && bytes[1] === 0xff) return { encoding: 'UTF-16 BE', markBytes: 2 };
  if (bytes[0] === 0xef && bytes[1] === 0xbb && bytes[2] === 0xbf) return { encoding: 'UTF-8', markBytes: 3 };
  const pairs = Math.min(bytes.length, ENOUGH_TO_TELL) >> 1;
  const zeros = [0, 0];
  for (let i = 0; i < pairs * 2; i++) if (bytes[i] === 0) zeros[i % 2]!++;
  // In UTF-16, Latin text has a zero in nearly every other byte, and never the character U+0000.
  if (pairs >= 4 && zeros[0] === 0 && zeros[1]! > pairs * 0.6) return { encoding: 'UTF-16 LE', markBytes: 0 };
  if (pairs >= 4 && zeros[1] === 0 && zeros[0]! > pairs * 0.6) return { encoding: 'UTF-16 BE', markBytes: 0 };
  return { encoding: 'UTF-8', markBytes: 0 };
}

/**
 * Decodes a line or field as UTF-8, or else as windows-1252. Decided line by line, because IRC logs mix both. Null if
 * it is neither: it has control characters, bytes that windows-1252 does not define, damaged UTF-8, or mostly accented
 * letters, as text in Cyrillic, Chinese and other encodings would have.
 */
export function decodeBytes(bytes: Buffer): { text: string; encoding: 'UTF-8' | 'windows-1252' } | null {
  if (isAscii(bytes)) return { text: bytes.toString('latin1'), encoding: 'UTF-8' };
  if (isUtf8(bytes)) return { text: bytes.toString('utf8'), encoding: 'UTF-8' };
  const raw = bytes.toString('latin1');
  if (NOT_1252.test(raw) || UTF8_SEQUENCE.test(raw)) return null;
  const accented = raw.match(ACCENTED)?.length ?? 0;
  if (accented >= FEW_ACCENTED && accented > (raw.match(PLAIN_LETTER)?.length ?? 0)) return null;
  return { text: decodeAs('windows-1252', bytes), encoding: 'windows-1252' };
}

export function decodeAs(encoding: 'UTF-8' | 'windows-1252', bytes: Buffer): string {
  return encoding === 'UTF-8'
    ? bytes.toString('utf8')
    : bytes.toString('latin1').replace(/[\x80-\x9f]/g, (char) => WINDOWS_1252[char.charCodeAt(0) - 0x80]!);
}

const NOTHING = Buffer.alloc(0);
const ENOUGH_TO_TELL = 1024;
/** The characters at 0x80 to 0x9f. Node 20 and 22 decode windows-1252 as Latin-1, so their decoder cannot be used. */
const WINDOWS_1252 = '€\x81‚ƒ„…†‡ˆ‰Š‹Œ\x8dŽ\x8f\x90‘’“”•–—˜™š›œ\x9džŸ';
const NOT_1252 = /[\x00-\x08\x0e-\x1a\x1c-\x1f\x7f\x81\x8d\x8f\x90\x9d]/;
const ACCENTED = /[\xc0-\xff]/g;
const PLAIN_LETTER = /[a-z]/gi;
/** Fewer may be an exclamation such as “Ô là là”. */
const FEW_ACCENTED = 4;
const UTF8_SEQUENCE = /[\xc2-\xdf][\x80-\xbf]|[\xe0-\xef][\x80-\xbf]{2}|[\xf0-\xf4][\x80-\xbf]{3}/;

function begin(
  bytes: Buffer,
  found: (encoding: Encoding, mark: boolean) => void,
): { decoder: TextDecoder | null; bytes: Buffer } {
  const { encoding, markBytes } = detectEncoding(bytes);
  found(encoding, markBytes > 0);
  const decoder =
    encoding === 'UTF-16 LE'
      ? new TextDecoder('utf-16le')
      : encoding === 'UTF-16 BE'
        ? new TextDecoder('utf-16be')
        : null;
  return { decoder, bytes: bytes.subarray(markBytes) };
}

function asBuffer(bytes: Uint8Array): Buffer {
  return Buffer.isBuffer(bytes) ? bytes : Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}
