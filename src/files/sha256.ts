import crypto, { createHash } from 'node:crypto';
import { closeSync, openSync, readSync, readdirSync } from 'node:fs';
import { open } from 'node:fs/promises';
import { join } from 'node:path';

/** The sha256 of bytes, or of a text as UTF-8, in hexadecimal. */
export function sha256Of(content: string | Uint8Array): string {
  // crypto.hash is twice as fast for short inputs, but needs Node 20.12
  return crypto.hash?.('sha256', content, 'hex') ?? createHash('sha256').update(content).digest('hex');
}

/**
 * The sha256 of a file's bytes, in hexadecimal. `onBytes` is called with the number of bytes just read. To hash many
 * files, pass the same `buffer` each time.
 */
export function sha256OfFile(
  path: string,
  onBytes?: (bytes: number) => void,
  buffer: Buffer = Buffer.allocUnsafe(BUFFER_BYTES),
): string {
  const hash = createHash('sha256');
  const fd = openSync(path, 'r');
  try {
    for (let read = readSync(fd, buffer); read > 0; read = readSync(fd, buffer)) {
      hash.update(buffer.subarray(0, read));
      onBytes?.(read);
    }
  } finally {
    closeSync(fd);
  }
  return hash.digest('hex');
}

/** Name → sha256 of every file in a folder without subfolders. */
export function sha256OfFolder(dir: string): Record<string, string> {
  return Object.fromEntries(
    readdirSync(dir)
      .sort()
      .map((name) => [name, sha256OfFile(join(dir, name))]),
  );
}

/** Like `sha256OfFile`, without blocking the process, for files of gigabytes. */
export async function sha256OfLargeFile(path: string): Promise<string> {
  const hash = createHash('sha256');
  const buffer = Buffer.allocUnsafe(BUFFER_BYTES);
  const file = await open(path, 'r');
  try {
    for (let read = await file.read(buffer); read.bytesRead > 0; read = await file.read(buffer))
      hash.update(buffer.subarray(0, read.bytesRead));
  } finally {
    await file.close();
  }
  return hash.digest('hex');
}

const BUFFER_BYTES = 1 << 20;
