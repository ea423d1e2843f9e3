import { createHash } from 'node:crypto';
import { closeSync, fstatSync, openSync, readSync } from 'node:fs';
import { endianness } from 'node:os';
import { openFileWriter } from '../../files/file-writer.ts';
import { sha256OfFile } from '../../files/sha256.ts';

/**
 * A file of 16-bit numbers, one per token: its id or its label. It has the header of llm.c's data files (256 int32,
 * little-endian: magic, version, count, zeros), then `count` uint16, little-endian. The size is exactly 1,024 + 2 ·
 * count bytes. Other trainers can read files of ids; labels have a different magic, so that nobody trains on them.
 */
export const SHARD_HEADER_BYTES = 1024;
export const SHARD_MAGIC = { ids: 20240520, labels: 20261124 };
export type ShardKind = keyof typeof SHARD_MAGIC;
export const SHARD_VERSION = 1;

export interface ShardWriter {
  readonly tokens: number;
  /** Writes the ids from `from` up to, but not including, `to`. */
  write(ids: ArrayLike<number>, from: number, to: number): void;
  /** Writes the count to the header and gives the file its name. Returns the sha256 of its bytes. */
  close(): { tokens: number; sha256: string };
  abandon(): void;
}

/**
 * `mostTokens` is the size of a full shard. The sha256 of a full shard, as all but the last one are, is computed during
 * writing. For the last shard, the header is known only at the end, so the file is read again.
 */
export function openShardWriter(path: string, kind: ShardKind, mostTokens: number): ShardWriter {
  const file = openFileWriter(path);
  const ifFull = createHash('sha256').update(header(kind, mostTokens));
  let tokens = 0;
  file.write(new Uint8Array(SHARD_HEADER_BYTES));
  return {
    get tokens() {
      return tokens;
    },
    write(ids, from, to) {
      const bytes = littleEndian(stretch(ids, from, to));
      file.write(bytes);
      ifFull.update(bytes);
      tokens += to - from;
    },
    close() {
      file.patch(0, header(kind, tokens));
      file.close();
      return { tokens, sha256: tokens === mostTokens ? ifFull.digest('hex') : sha256OfFile(path) };
    },
    abandon: () => file.abandon(),
  };
}

export interface ShardReader {
  read(into: Uint16Array, start: number): void;
  close(): void;
}

/** Throws an Error that names the file unless magic, version, count and size are what they must be. */
export function openShard(path: string, kind: ShardKind, tokens: number): ShardReader {
  const fd = openSync(path, 'r');
  try {
    checkShard(fd, path, kind, tokens);
  } catch (error) {
    closeSync(fd);
    throw error;
  }
  return {
    read(into, start) {
      const bytes = Buffer.from(into.buffer, into.byteOffset, into.byteLength);
      readFully(fd, bytes, SHARD_HEADER_BYTES + start * 2, path);
      if (endianness() === 'BE') bytes.swap16();
    },
    close: () => closeSync(fd),
  };
}

/** The bytes of 16-bit numbers in a shard, on any machine; shares the memory if possible. */
export function littleEndian(tokens: Uint16Array): Uint8Array {
  const bytes = Buffer.from(tokens.buffer, tokens.byteOffset, tokens.byteLength);
  return endianness() === 'BE' ? Buffer.from(bytes).swap16() : bytes;
}

function header(kind: ShardKind, tokens: number): Uint8Array {
  const bytes = new Uint8Array(SHARD_HEADER_BYTES);
  const view = new DataView(bytes.buffer);
  for (const [i, value] of [SHARD_MAGIC[kind], SHARD_VERSION, tokens].entries()) view.setInt32(i * 4, value, true);
  return bytes;
}

function checkShard(fd: number, path: string, kind: ShardKind, tokens: number): void {
  const size = fstatSync(fd).size;
  const wanted = SHARD_HEADER_BYTES + tokens * 2;
  if (size !== wanted)
    throw new Error(
      `${path} is damaged: it has ${size} bytes, but needs ${wanted} according to the index (${SHARD_HEADER_BYTES} + 2 · ${tokens} tokens)`,
    );
  const bytes = Buffer.alloc(SHARD_HEADER_BYTES);
  readFully(fd, bytes, 0, path);
  const [magic, version, count] = [bytes.readInt32LE(0), bytes.readInt32LE(4), bytes.readInt32LE(8)];
  if (magic !== SHARD_MAGIC[kind])
    throw new Error(`${path} is not a token shard of ${kind}: it starts with ${magic}, not with ${SHARD_MAGIC[kind]}`);
  if (version !== SHARD_VERSION)
    throw new Error(`${path} is a token shard of version ${version}; this program reads version ${SHARD_VERSION}`);
  if (count !== tokens) throw new Error(`${path} is damaged: its header has ${count} tokens, the index ${tokens}`);
}

function readFully(fd: number, bytes: Buffer, position: number, path: string): void {
  for (let done = 0; done < bytes.length;) {
    const count = readSync(fd, bytes, done, bytes.length - done, position + done);
    if (count === 0) throw new Error(`${path} ends at byte ${position + done}, earlier than when it was opened`);
    done += count;
  }
}

const stretch = (ids: ArrayLike<number>, from: number, to: number): Uint16Array =>
  ids instanceof Uint16Array
    ? ids.subarray(from, to)
    : Uint16Array.from({ length: to - from }, (_, i) => ids[from + i]!);
