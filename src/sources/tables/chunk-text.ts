import { isAscii, isUtf8 } from 'node:buffer';
import { decodeAs, decodeBytes } from '../text/encoding.ts';

/** `plain`: UTF-8 without NUL bytes. Otherwise each character is one byte, and rows are decoded one by one. */
export function chunkText(bytes: Buffer): { text: string; plain: boolean } {
  const plain = !bytes.includes(0);
  if (plain && !isAscii(bytes) && isUtf8(bytes)) return { text: bytes.toString('utf8'), plain };
  return { text: bytes.toString('latin1'), plain: plain && isAscii(bytes) };
}

/** A raw row and its fields, both with one character per byte. */
export interface ByteRow {
  row: string;
  fields: string[];
  line: number;
  notice:
    | ((what: 'line in windows-1252' | 'line with NUL bytes, which were taken out', line: number) => void)
    | undefined;
}

export function cleanedRow({
  row,
  fields,
  line,
  notice,
}: ByteRow): { kind: 'row'; line: number; fields: string[] } | { kind: 'bad'; line: number; reason: string } {
  const withNul = row.includes('\0');
  const bytes = Buffer.from(withNul ? row.replaceAll('\0', '') : row, 'latin1');
  if (withNul && row.replace(/[\0\r\n]/g, '') === '') return { kind: 'bad', line, reason: 'nothing but NUL bytes' };
  const decoded = decodeBytes(bytes);
  if (decoded === null) return { kind: 'bad', line, reason: 'neither UTF-8 nor windows-1252' };
  if (withNul) notice?.('line with NUL bytes, which were taken out', line);
  if (decoded.encoding === 'windows-1252') notice?.('line in windows-1252', line);
  return {
    kind: 'row',
    line,
    fields: fields.map((field) => decodeAs(decoded.encoding, Buffer.from(field.replaceAll('\0', ''), 'latin1'))),
  };
}
