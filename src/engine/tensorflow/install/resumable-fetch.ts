import { createReadStream, createWriteStream, existsSync, statSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { Readable, Transform } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { fileURLToPath } from 'node:url';
import { sha256OfLargeFile } from '../../../files/sha256.ts';

/** Bytes done, and total bytes, which is 0 while unknown. */
export type ByteProgress = (done: number, total: number) => void;

/** The downloaded file is not the expected one; it has been deleted. */
export class ChecksumError extends Error {}

/**
 * Downloads `url` (`file:`, `http:`, `https:`) to `path`, resuming after the bytes that are already there, and checks
 * its sha256 (and first its size, if known). An interrupted download leaves a partial file; a wrong file is deleted,
 * because resuming it could never succeed.
 */
export async function resumableFetch(request: {
  url: string;
  path: string;
  sha256: string;
  bytes?: number;
  progress: ByteProgress;
}): Promise<void> {
  const { url, path, sha256, bytes, progress } = request;
  const partialBytes = existsSync(path) ? statSync(path).size : 0;
  const { body, offset, total } = url.startsWith('file:')
    ? fromFile(url, partialBytes)
    : await fromServer(url, partialBytes);
  // Reject an error page with status 200 before reading it.
  if (bytes !== undefined && total > 0 && total !== bytes) {
    body?.destroy();
    throw new Error(`the server offers a file of ${total} bytes, not of ${bytes}`);
  }
  if (body) {
    await pipeline(body, counted(offset, total, progress), createWriteStream(path, { flags: offset > 0 ? 'a' : 'w' }));
  }
  await checkSha256(path, sha256);
}

/** Throws a ChecksumError and deletes the file if it is not the expected one. */
export async function checkSha256(path: string, expected: string): Promise<void> {
  const actual = await sha256OfLargeFile(path);
  if (actual === expected) return;
  await rm(path);
  throw new ChecksumError(`the downloaded file's sha256 is ${actual}, not ${expected}; it was deleted`);
}

interface Source {
  /** null if the file is already complete */
  body: Readable | null;
  offset: number;
  total: number;
}

function fromFile(url: string, partialBytes: number): Source {
  const source = fileURLToPath(url);
  const total = statSync(source).size;
  if (partialBytes === total) return { body: null, offset: partialBytes, total };
  const offset = partialBytes < total ? partialBytes : 0;
  return { body: createReadStream(source, { start: offset }), offset, total };
}

async function fromServer(url: string, partialBytes: number): Promise<Source> {
  const response = await fetch(url, { headers: partialBytes > 0 ? { range: `bytes=${partialBytes}-` } : {} });
  // 416: there are no more bytes. The checksum shows whether ours are correct.
  if (response.status === 416) return { body: null, offset: partialBytes, total: partialBytes };
  if (!response.ok || !response.body) throw new Error(`the server answered ${response.status} ${response.statusText}`);
  const offset = response.status === 206 ? partialBytes : 0;
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
