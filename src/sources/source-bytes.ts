import { statSync } from 'node:fs';
import { utf8Chunks } from './text/encoding.ts';
import { notice, skip, type Tally } from './tally.ts';
import { diskFile, type Tree, type TreeFile } from './archive/tree-file.ts';
import { isZip, openTree } from './archive/tree.ts';

/** The file itself, or all files below a folder or in a .zip whose names end so. */
export async function filesAt(path: string, endings: string[]): Promise<Tree> {
  const found = statSync(path);
  if (!found.isDirectory() && !isZip(path)) return { files: [diskFile(path, '', found.size)], refused: [] };
  return openTree(path, (place) => endings.some((ending) => place.toLowerCase().endsWith(ending)));
}

/** The content of one file in UTF-8, as far as it can be read; where that ends too early, the tally says why. */
export async function* readSourceBytes(file: TreeFile, tally: Tally): AsyncGenerator<Buffer> {
  try {
    yield* utf8Chunks(counted(file, tally), (encoding) => {
      if (encoding !== 'UTF-8') notice(tally, `file in ${encoding}`, file.place);
    });
  } catch (error) {
    skip(tally, file.place, (error as Error).message, 'unreadable file');
  }
  tally.filesRead++;
}

/** The first bytes of a file, for telling what it is; none if it cannot be read. */
export async function startOf({ chunks }: TreeFile): Promise<Buffer> {
  try {
    for await (const chunk of chunks()) return Buffer.from(chunk.subarray(0, 4096));
  } catch {
    // Whoever reads it whole says why.
  }
  return Buffer.alloc(0);
}

/** `line` of a file in the source, or of the source itself. */
export function placeOfLine(file: TreeFile, line: number): string {
  return file.place ? `${file.place}:${line}` : `${line}`;
}

async function* counted(file: TreeFile, tally: Tally): AsyncGenerator<Buffer> {
  for await (const chunk of file.chunks()) {
    tally.bytesRead += chunk.length;
    yield chunk;
  }
}
