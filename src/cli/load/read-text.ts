import { readFileSync, statSync } from 'node:fs';

/** Nobody writes a larger pipeline by hand: a data file was named by mistake. */
const LARGEST_BYTES = 16 * 1024 * 1024;

/**
 * The text of a YAML file, UTF-8 with or without a byte order mark; or what is wrong with the file, as a phrase to
 * print after its name.
 */
export function readYamlText(path: string): { text: string } | { trouble: string } {
  const found = statSync(path, { throwIfNoEntry: false });
  if (!found) return { trouble: 'does not exist' };
  if (found.isDirectory()) return { trouble: 'is a folder; name a file in it' };
  // /dev/zero never ends, and a FIFO waits for a writer.
  if (!found.isFile()) return { trouble: 'is not a regular file' };
  if (found.size > LARGEST_BYTES)
    return { trouble: `is too large for a pipeline: ${Math.round(found.size / 1024 / 1024)} MB` };
  try {
    return decoded(readFileSync(path));
  } catch (error) {
    return { trouble: `cannot be read: ${(error as Error).message}` };
  }
}

// ---------------------------------------------------------------------------

function decoded(bytes: Buffer): { text: string } | { trouble: string } {
  if ((bytes[0] === 0xff && bytes[1] === 0xfe) || (bytes[0] === 0xfe && bytes[1] === 0xff))
    return { trouble: 'is UTF-16; save it as UTF-8' };
  const text = bytes.toString('utf8');
  const invalid = bytes.equals(Buffer.from(text)) ? -1 : firstInvalidByte(bytes);
  if (invalid >= 0)
    return {
      trouble: `is not UTF-8: byte 0x${bytes[invalid]?.toString(16)} at ${lineAndColumn(bytes, invalid)}; save it as UTF-8`,
    };
  const nul = bytes.indexOf(0);
  if (nul >= 0) return { trouble: `is not text: zero byte at ${lineAndColumn(bytes, nul)}` };
  return { text: text.replace(/^\uFEFF/, '') };
}

/** The offset of the first byte that is not UTF-8: from there on, decoding and encoding again gives other bytes. */
function firstInvalidByte(bytes: Buffer): number {
  const again = Buffer.from(bytes.toString('utf8'));
  let offset = 0;
  while (offset < bytes.length && bytes[offset] === again[offset]) offset++;
  return offset;
}

function lineAndColumn(bytes: Buffer, offset: number): string {
  const before = bytes.toString('utf8', 0, offset).split('\n');
  return `line ${before.length}, column ${(before.at(-1) ?? '').length + 1}`;
}
