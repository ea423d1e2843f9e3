import { createReadStream, readFileSync } from 'node:fs';
import type { SourceFile } from '../source-file.ts';

/** A file on the disk or inside an archive: both are read the same way, and nothing is unpacked. */
export interface TreeFile extends SourceFile {
  /**
   * The content from its start, in pieces. Iterating throws an Error whose message can be shown: it never quotes the
   * content.
   */
  chunks(): AsyncIterable<Buffer>;
  /** All of it at once, where that is quicker for a small file. Throws like `chunks`. */
  whole?(): Buffer;
}

export interface Tree {
  /** sorted by place */
  files: TreeFile[];
  /**
   * what lies there and is not taken, such as a folder that may not be read or an entry that would climb out of its
   * archive
   */
  refused: { place: string; reason: string }[];
}

/** One file of the disk as such. */
export function diskFile(path: string, place: string, bytes: number): TreeFile {
  return { path, place, bytes, chunks: () => readDisk(path), whole: () => readFileSync(path) };
}

export function cannotBeRead(error: unknown): string {
  return `cannot be read (${(error as NodeJS.ErrnoException).code ?? 'error'})`;
}

async function* readDisk(path: string): AsyncGenerator<Buffer> {
  try {
    for await (const chunk of createReadStream(path, { highWaterMark: CHUNK_BYTES })) yield chunk as Buffer;
  } catch (error) {
    throw new Error(cannotBeRead(error), { cause: error });
  }
}

const CHUNK_BYTES = 1 << 18;
