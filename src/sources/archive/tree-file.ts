import { createReadStream, readFileSync } from 'node:fs';
import type { SourceFile } from '../source-file.ts';

/** A file on disk or inside an archive. Both are read the same way, without unpacking to disk. */
export interface TreeFile extends SourceFile {
  /**
   * The content from its start, in chunks. Iterating throws an Error whose message can be shown: it never quotes the
   * content.
   */
  chunks(): AsyncIterable<Buffer>;
  /** The whole content at once, where that is faster for a small file. Throws like `chunks`. */
  whole?(): Buffer;
}

export interface Tree {
  /** sorted by `place` */
  files: TreeFile[];
  /**
   * files and folders that cannot be used, such as an unreadable folder or an archive entry whose name leads out of the
   * archive
   */
  refused: { place: string; reason: string }[];
}

/** A file on disk. */
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
