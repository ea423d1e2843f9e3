import crypto from 'node:crypto';
import { closeSync, existsSync, fstatSync, openSync, readSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { sha256Of } from '../../files/sha256.ts';

/**
 * Many parts in one file, which can be read one by one; README.md describes the format. A file without a complete index
 * at its end is not a pack; a part whose content has a different sha256 counts as missing.
 */
export interface Pack {
  path: string;
  fd: number;
  bytes: number;
  /** name → location */
  parts: Map<string, PackedPart>;
}

export interface PackedPart {
  offset: number;
  bytes: number;
  sha256: string;
}

export const PACK = '.pack';

/** Opens all complete packs, in the order of their names. The caller must close each `fd`. */
export function openPacks(dir: string): Pack[] {
  return packNames(dir).flatMap((name) => openPack(join(dir, name)) ?? []);
}

export function packNames(dir: string): string[] {
  try {
    return readdirSync(dir)
      .filter((name) => name.endsWith(PACK))
      .sort();
  } catch {
    return [];
  }
}

/** The content of a part, or null if it is missing or damaged. */
export function readPart({ fd, bytes, parts }: Pack, name: string): Buffer | null {
  const part = parts.get(name);
  const content = part && part.offset + part.bytes <= bytes ? readAt(fd, part.offset, part.bytes) : null;
  return content !== null && sha256(content) === part!.sha256 ? content : null;
}

/** Whether the index and every part of a pack match their checksums. A pack that was just deleted counts as intact. */
export function isIntactPack(path: string): boolean {
  const pack = openPack(path);
  if (pack === null) return !existsSync(path);
  try {
    return [...pack.parts.keys()].every((name) => readPart(pack, name) !== null);
  } finally {
    closeSync(pack.fd);
  }
}

/** The bytes after the contents. */
export function endOfPack(parts: Map<string, PackedPart>): Buffer {
  const lines = [...parts].map(([name, { offset, bytes, sha256 }]) => {
    const line = Buffer.alloc(LINE_BYTES);
    line.write(name + sha256, 'hex');
    line.writeBigUInt64LE(BigInt(offset), OFFSET);
    line.writeBigUInt64LE(BigInt(bytes), OFFSET + 8);
    return line;
  });
  const count = Buffer.alloc(8);
  count.writeBigUInt64LE(BigInt(parts.size));
  const index = Buffer.concat([...lines, count, RECORD]);
  return Buffer.concat([index, Buffer.from(sha256(index), 'hex')]);
}

/** Computed on this thread, because parts are too small for another thread to be worth its cost. */
export function sha256(...content: Uint8Array[]): string {
  if (content.length === 1) return sha256Of(content[0]!);
  const hash = crypto.createHash('sha256');
  for (const piece of content) hash.update(piece);
  return hash.digest('hex');
}

// ---------------------------------------------------------------------------

/** of the offset in an entry of the index, after two sha256 */
const OFFSET = 64;
const LINE_BYTES = 80;
const RECORD = Buffer.from('parts/1\n');
/** the number of parts, the name of the format, and the sha256 of the index and these two */
const FOOT_BYTES = 8 + RECORD.length + 32;

function openPack(path: string): Pack | null {
  let fd: number | null = null;
  try {
    fd = openSync(path, 'r');
    const bytes = fstatSync(fd).size;
    const parts = readIndex(fd, bytes);
    if (parts) return { path, fd, bytes, parts };
  } catch {
    // just deleted by the sweep, not a file, or not readable
  }
  if (fd !== null) closeSync(fd);
  return null;
}

function readIndex(fd: number, size: number): Map<string, PackedPart> | null {
  const foot = size < FOOT_BYTES ? null : readAt(fd, size - FOOT_BYTES, FOOT_BYTES);
  if (!foot?.subarray(8, 8 + RECORD.length).equals(RECORD)) return null;
  const indexBytes = Number(foot.readBigUInt64LE(0)) * LINE_BYTES;
  const index = indexBytes > size - FOOT_BYTES ? null : readAt(fd, size - FOOT_BYTES - indexBytes, indexBytes);
  if (index === null || sha256(index, foot.subarray(0, -32)) !== foot.toString('hex', FOOT_BYTES - 32)) return null;
  return new Map(linesIn(index));
}

function* linesIn(index: Buffer): Generator<[name: string, part: PackedPart]> {
  for (let start = 0; start < index.length; start += LINE_BYTES) {
    const [name, sum] = [index.toString('hex', start, start + 32), index.toString('hex', start + 32, start + OFFSET)];
    yield [
      name,
      {
        offset: Number(index.readBigUInt64LE(start + OFFSET)),
        bytes: Number(index.readBigUInt64LE(start + OFFSET + 8)),
        sha256: sum,
      },
    ];
  }
}

/** Null if the file has fewer bytes. */
function readAt(fd: number, offset: number, bytes: number): Buffer | null {
  const content = Buffer.allocUnsafeSlow(bytes);
  try {
    for (let done = 0; done < bytes;) {
      const more = readSync(fd, content, done, bytes - done, offset + done);
      if (more === 0) return null;
      done += more;
    }
    return content;
  } catch {
    return null;
  }
}
