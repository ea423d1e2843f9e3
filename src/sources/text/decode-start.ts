import { decodeBytes, detectEncoding } from './encoding.ts';

/**
 * The first bytes of a file as text; null if they are not text. They may end in the middle of a character. Zeros, which
 * a crash leaves in a log, are left out.
 */
export function decodeStart(start: Buffer): string | null {
  const { encoding, markBytes } = detectEncoding(start);
  let bytes = start.subarray(markBytes);
  if (encoding === 'UTF-16 LE' || encoding === 'UTF-16 BE')
    return new TextDecoder(encoding === 'UTF-16 LE' ? 'utf-16le' : 'utf-16be').decode(bytes);
  const hasZeros = bytes.includes(0);
  if (hasZeros) {
    bytes = bytes.filter((byte) => byte !== 0) as Buffer;
    // Files of programs have other control characters besides, and many.
    if (bytes.length === 0 || bytes.filter(isControl).length * 100 > bytes.length) return null;
  }
  const decoded = decodeBytes(bytes) ?? decodeBytes(bytes.subarray(0, Math.max(0, bytes.lastIndexOf(0x0a))));
  // Without zeros, the bytes of a program's file may look like text in an old encoding.
  if (hasZeros && decoded?.encoding === 'windows-1252') return null;
  return decoded === null || decoded.encoding === 'windows-1252' ? (decoded?.text ?? null) : bytes.toString('utf8');
}

const isControl = (byte: number): boolean => (byte < 0x20 && (byte < 0x09 || byte > 0x0d)) || byte === 0x7f;
