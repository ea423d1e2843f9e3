import { readFileSync, statSync } from 'node:fs';

/** What nobody writes by hand: a data file was named by mistake. */
const LARGEST_BYTES = 16 * 1024 * 1024;

/**
 * The text of a YAML file, UTF-8 with or without a byte order mark; else what is wrong with the file, to stand behind
 * its name.
 */
export function readYamlText(path: string): { text: string } | { trouble: string } {
  const found = statSync(path, { throwIfNoEntry: false });
  if (!found) return { trouble: 'is not there' };
  if (found.isDirectory()) return { trouble: 'is a folder; name a file in it' };
  if (found.size > LARGEST_BYTES)
    return { trouble: `has ${Math.round(found.size / 1024 / 1024)} MB: that is no pipeline` };
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
  const wrong = bytes.equals(Buffer.from(text)) ? -1 : firstWrongByte(bytes);
  if (wrong >= 0)
    return {
      trouble: `is not UTF-8: byte 0x${bytes[wrong]?.toString(16)} in ${placeAt(bytes, wrong)}; save it as UTF-8`,
    };
  const nul = bytes.indexOf(0);
  if (nul >= 0) return { trouble: `is not text: there is a zero byte in ${placeAt(bytes, nul)}` };
  return { text: text.replace(/^\uFEFF/, '') };
}

/** Where decoding first goes wrong: the longest beginning that comes back unchanged. */
function firstWrongByte(bytes: Buffer): number {
  const again = Buffer.from(bytes.toString('utf8'));
  let at = 0;
  while (at < bytes.length && bytes[at] === again[at]) at++;
  return at;
}

function placeAt(bytes: Buffer, offset: number): string {
  const before = bytes.toString('utf8', 0, offset).split('\n');
  return `line ${before.length}, column ${(before.at(-1) ?? '').length + 1}`;
}
