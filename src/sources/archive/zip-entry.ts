import { createReadStream } from 'node:fs';
import { open } from 'node:fs/promises';
import * as zlib from 'node:zlib';
import { BOMB } from './bomb.ts';
import { inflated } from './inflated.ts';

/** One file in a zip, as described by the zip. */
export interface ZipEntry {
  name: string;
  /** offset of its local header in the zip */
  headerAt: number;
  packedBytes: number;
  /** as declared; reading fails beyond it */
  bytes: number;
  crc32: number;
  /** 0: stored, 8: deflated */
  method: number;
  encrypted: boolean;
  link: boolean;
  /** the zip ends inside this entry: reading yields the bytes that exist, then throws */
  cut: boolean;
}

/** The content of an entry, checked against its size and checksum. Throws an Error that can be shown. */
export async function* readZipEntry(path: string, entry: ZipEntry): AsyncGenerator<Buffer> {
  let bytes = 0;
  let crc = 0;
  for await (const chunk of unpacked(path, entry)) {
    bytes += chunk.length;
    if (bytes > entry.bytes && !entry.cut)
      throw new Error(`damaged in the zip: longer than the ${entry.bytes} bytes it should have`);
    crc = checksum(chunk, crc);
    yield chunk;
  }
  if (entry.cut) throw new Error(CUT);
  if (bytes < entry.bytes) throw new Error(`damaged in the zip: ${bytes} of ${entry.bytes} bytes`);
  if (CHECKS && crc !== entry.crc32) throw new Error('damaged in the zip: its checksum is another');
}

/** The offset of the content after the local header; null if there is no such header. */
export async function contentAt(path: string, headerAt: number): Promise<number | null> {
  const file = await open(path, 'r');
  try {
    const { buffer, bytesRead } = await file.read(Buffer.alloc(HEADER_BYTES), 0, HEADER_BYTES, headerAt);
    if (bytesRead < HEADER_BYTES || buffer.readUInt32LE(0) !== LOCAL_HEADER) return null;
    return headerAt + HEADER_BYTES + buffer.readUInt16LE(26) + buffer.readUInt16LE(28);
  } finally {
    await file.close();
  }
}

export const LOCAL_HEADER = 0x04034b50;
export const HEADER_BYTES = 30;

const CUT = 'the zip ends in the middle of it';
const CHUNK_BYTES = 1 << 18;
/** Node before 20.15 has no crc32: there, damage that still decompresses to the right size goes unnoticed. */
const CHECKS = typeof zlib.crc32 === 'function';

async function* unpacked(path: string, { headerAt, packedBytes, method, cut }: ZipEntry): AsyncGenerator<Buffer> {
  const start = await contentAt(path, headerAt);
  if (start === null) throw new Error('damaged in the zip: it does not stand where it should');
  if (packedBytes === 0) return;
  const packed = createReadStream(path, { start, end: start + packedBytes - 1, highWaterMark: CHUNK_BYTES });
  try {
    yield* method === 0 ? packed : inflated(packed, 'deflate');
  } catch (error) {
    if ((error as Error).message === BOMB) throw error;
    throw new Error(cut ? CUT : 'damaged in the zip: it cannot be unpacked', { cause: error });
  }
}

function checksum(chunk: Buffer, crc: number): number {
  return CHECKS ? zlib.crc32(chunk, crc) : 0;
}
