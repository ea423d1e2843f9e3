import { createReadStream, createWriteStream, existsSync, statSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { Readable, Transform } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { fileURLToPath } from 'node:url';
import { sha256OfLargeFile } from '../../../files/sha256.ts';

/** Bytes done of bytes in all; `total` is 0 as long as it is unknown. */
export type ByteProgress = (done: number, total: number) => void;

/** The file that arrived is not the one that was asked for; it has been deleted. */
export class ChecksumError extends Error {}

/**
 * Brings `url` (`file:`, `http:`, `https:`) into `path`, going on from the bytes already there, and checks its sha256
 * (and, if it is known, its size before that). An interrupted fetch leaves what it has; a wrong file is deleted,
 * because going on from it would never end well.
 */
export async function resumableFetch(request: {
  url: string;
  path: string;
  sha256: string;
  bytes?: number;
  progress: ByteProgress;
}): Promise<void> {
  const { url, path, sha256, bytes, progress } = request;
  const have = existsSync(path) ? statSync(path).size : 0;
  const { body, offset, total } = url.startsWith('file:') ? fromFile(url, have) : await fromServer(url, have);
  // An error page that calls itself a success is not even begun with.
  if (bytes !== undefined && total > 0 && total !== bytes) {
    body?.destroy();
    throw new Error(`the server offers a file of ${total} bytes, not of ${bytes}`);
  }
  if (body) {
    await pipeline(body, counted(offset, total, progress), createWriteStream(path, { flags: offset > 0 ? 'a' : 'w' }));
  }
  await checkSha256(path, sha256);
}

/** Throws a ChecksumError, and deletes the file, if it isn't the expected one. */
export async function checkSha256(path: string, expected: string): Promise<void> {
  const actual = await sha256OfLargeFile(path);
  if (actual === expected) return;
  await rm(path);
  throw new ChecksumError(`the downloaded file's sha256 is ${actual}, not ${expected}; it was deleted`);
}

interface Source {
  /** null: everything is here already */
  body: Readable | null;
  offset: number;
  total: number;
}

function fromFile(url: string, have: number): Source {
  const source = fileURLToPath(url);
  const total = statSync(source).size;
  if (have === total) return { body: null, offset: have, total };
  const offset = have < total ? have : 0;
  return { body: createReadStream(source, { start: offset }), offset, total };
}

async function fromServer(url: string, have: number): Promise<Source> {
  const response = await fetch(url, { headers: have > 0 ? { range: `bytes=${have}-` } : {} });
  // 416: no bytes after those we have. Whether they are the right ones, the checksum knows.
  if (response.status === 416) return { body: null, offset: have, total: have };
  if (!response.ok || !response.body) throw new Error(`the server answered ${response.status} ${response.statusText}`);
  const offset = response.status === 206 ? have : 0;
  const total = offset + Number(response.headers.get('content-length') ?? 0);
  return { body: Readable.fromWeb(response.body), offset, total };
}

function counted(offset: number, total: number, progress: ByteProgress): Transform {
  let done = offset;
  progress(done, total);
  return new Transform({
    transform(bytes: Buffer, _encoding, next) {
      done += bytes.length;
      progress(done, total);
      next(null, bytes);
    },
  });
}
