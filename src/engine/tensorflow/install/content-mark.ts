import { createHash } from 'node:crypto';
import { closeSync, fstatSync, openSync, readSync } from 'node:fs';
import { basename } from 'node:path';

/** A hash of names, sizes, and the first and last 64 KiB, for files too large to hash in full for every plan. */
export function contentMark(paths: readonly string[]): string {
  const hash = createHash('sha256');
  for (const path of paths) {
    const fd = openSync(path, 'r');
    try {
      const { size } = fstatSync(fd);
      hash.update(`${basename(path)} ${size}\n`);
      for (const position of [0, Math.max(0, size - blockBytes)]) {
        const block = Buffer.alloc(blockBytes);
        hash.update(block.subarray(0, readSync(fd, block, 0, blockBytes, position)));
      }
    } finally {
      closeSync(fd);
    }
  }
  return hash.digest('hex').slice(0, 16);
}

const blockBytes = 64 * 1024;
