import { createReadStream, statSync } from 'node:fs';
import { open, type FileHandle } from 'node:fs/promises';
import { createInflateRaw } from 'node:zlib';
import { isBomb } from './bomb.ts';
import { HEADER_BYTES, LOCAL_HEADER, type ZipEntry } from './zip-entry.ts';

/** Entries of a zip that lost its central directory, in order, up to the damage. The last one may be truncated. */
export async function salvageZip(path: string): Promise<ZipEntry[]> {
  const zipBytes = statSync(path).size;
  const file = await open(path, 'r');
  try {
    const entries: ZipEntry[] = [];
    for (let offset = 0; offset < zipBytes && entries.length < MOST_ENTRIES;) {
      const found = await entryAt({ file, path, zipBytes }, offset);
      if (found === null) break;
      entries.push(found.entry);
      if (found.entry.cut) break;
      offset = await nextHeader(file, found.end);
    }
    return entries;
  } finally {
    await file.close();
  }
}

interface Zip {
  file: FileHandle;
  path: string;
  zipBytes: number;
}

async function entryAt(
  { file, path, zipBytes }: Zip,
  headerAt: number,
): Promise<{ entry: ZipEntry; end: number } | null> {
  const header = await readBytesAt(file, headerAt, HEADER_BYTES);
  if (header.length < HEADER_BYTES || header.readUInt32LE(0) !== LOCAL_HEADER) return null;
  const flags = header.readUInt16LE(6);
  const method = header.readUInt16LE(8);
  const nameBytes = header.readUInt16LE(26);
  const name = await readBytesAt(file, headerAt + HEADER_BYTES, nameBytes);
  if (name.length < nameBytes) return null;
  const start = headerAt + HEADER_BYTES + nameBytes + header.readUInt16LE(28);
  const base = {
    name: name.toString('utf8').replaceAll('\\', '/'),
    headerAt,
    method,
    encrypted: (flags & ENCRYPTED) !== 0,
    link: false,
  };
  if ((flags & SIZES_FOLLOW) === 0) {
    const packedBytes = header.readUInt32LE(18);
    // Sizes above 4 GiB are stored elsewhere. Such an entry is not a chat, and its end cannot be found.
    if (packedBytes === 0xffffffff) return null;
    const cut = start + packedBytes > zipBytes;
    return {
      entry: {
        ...base,
        packedBytes: cut ? Math.max(zipBytes - start, 0) : packedBytes,
        bytes: header.readUInt32LE(22),
        crc32: header.readUInt32LE(14),
        cut,
      },
      end: start + packedBytes,
    };
  }
  const { packedBytes, bytes, cut } = await measure(path, start, method);
  const crc32 = cut ? 0 : await crcAfter(file, start + packedBytes);
  return {
    entry: { ...base, packedBytes: cut ? Math.max(zipBytes - start, 0) : packedBytes, bytes, crc32, cut },
    end: start + packedBytes,
  };
}

/** Decompresses an entry to find its end, for entries whose sizes are stored after the content. */
async function measure(
  path: string,
  start: number,
  method: number,
): Promise<{ packedBytes: number; bytes: number; cut: boolean }> {
  if (method !== 8) return { packedBytes: 0, bytes: 0, cut: true }; // the end of an uncompressed entry cannot be found
  const packed = createReadStream(path, { start, highWaterMark: 1 << 16 });
  const inflate = packed.pipe(createInflateRaw({ chunkSize: 1 << 18 }));
  let bytes = 0;
  try {
    for await (const chunk of inflate) {
      bytes += (chunk as Buffer).length;
      if (isBomb(bytes, inflate.bytesWritten)) return { packedBytes: inflate.bytesWritten, bytes, cut: true };
    }
    return { packedBytes: inflate.bytesWritten, bytes, cut: false };
  } catch {
    return { packedBytes: 0, bytes, cut: true };
  } finally {
    packed.destroy();
  }
}

/** Reads the checksum after the content. In most zips a signature precedes it. */
async function crcAfter(file: FileHandle, end: number): Promise<number> {
  const descriptor = await readBytesAt(file, end, 8);
  if (descriptor.length < 8) return 0;
  return descriptor.readUInt32LE(descriptor.readUInt32LE(0) === DESCRIPTOR ? 4 : 0);
}

/** Finds the next local header, which may follow up to 24 bytes after the content. */
async function nextHeader(file: FileHandle, end: number): Promise<number> {
  const window = await readBytesAt(file, end, 28);
  const index = window.indexOf(Buffer.from([0x50, 0x4b, 0x03, 0x04]));
  return index === -1 ? Infinity : end + index;
}

async function readBytesAt(file: FileHandle, offset: number, length: number): Promise<Buffer> {
  const { buffer, bytesRead } = await file.read(Buffer.alloc(length), 0, length, offset);
  return buffer.subarray(0, bytesRead);
}

const DESCRIPTOR = 0x08074b50;
const ENCRYPTED = 1;
const SIZES_FOLLOW = 8;
const MOST_ENTRIES = 1_000_000;
