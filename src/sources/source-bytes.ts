import { statSync } from 'node:fs';
import { utf8Chunks } from './text/encoding.ts';
import { lineFeeds } from './text/line-feeds.ts';
import { notice, skip, type Tally } from './tally.ts';
import { diskFile, type Tree, type TreeFile } from './archive/tree-file.ts';
import { isZip, openTree } from './archive/tree.ts';

/** The file itself, or all files below a folder or in a .zip that have one of the endings. */
export async function filesAt(path: string, endings: string[]): Promise<Tree> {
  const found = statSync(path);
  if (!found.isDirectory() && !isZip(path)) return { files: [diskFile(path, '', found.size)], refused: [] };
  return openTree(path, (place) => endings.some((ending) => place.toLowerCase().endsWith(ending)));
}

/**
 * The content of one file in UTF-8, with LF instead of lone CR as line ends, as far as it can be read. An error ends it
 * and is recorded in the tally.
 */
export async function* readSourceBytes(file: TreeFile, tally: Tally): AsyncGenerator<Buffer> {
  try {
    yield* lineFeeds(
      utf8Chunks(counted(file, tally), (encoding) => {
        if (encoding !== 'UTF-8') notice(tally, `file in ${encoding}`, file.place);
      }),
    );
  } catch (error) {
    skip(tally, file.place, (error as Error).message, 'unreadable file');
  }
  tally.filesRead++;
}

/** The first bytes of a file, for detecting its format; empty if it cannot be read. */
export async function fileStart({ chunks }: TreeFile): Promise<Buffer> {
  try {
    for await (const chunk of chunks()) return Buffer.from(chunk.subarray(0, 4096));
  } catch {
    // Reading the whole file later reports the reason.
  }
  return Buffer.alloc(0);
}

/** `file:line`, or the line alone if the source is this one file. */
export function lineLocation(file: TreeFile, line: number): string {
  return file.place ? `${file.place}:${line}` : `${line}`;
}

async function* counted(file: TreeFile, tally: Tally): AsyncGenerator<Buffer> {
  for await (const chunk of file.chunks()) {
    tally.bytesRead += chunk.length;
    yield chunk;
  }
}
