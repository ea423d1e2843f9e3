import { Readable } from 'node:stream';
import { extract } from 'tar-stream';
import { BOMB } from './bomb.ts';
import { inflated } from './inflated.ts';
import type { TreeFile } from './tree-file.ts';

/**
 * The files inside a .tar or .tgz, read one after the other without unpacking to disk. Links and folders are left out.
 * Each file is held in memory, and an incomplete one is not returned. Throws an Error whose message can be shown. The
 * files returned before the error never depend on timing.
 */
export async function* tarFiles(
  { path, place }: TreeFile,
  bytes: AsyncIterable<Buffer>,
  packed: 'gzip' | 'plain',
): AsyncGenerator<TreeFile> {
  let damaged = false;
  let isTooLarge = false;
  async function* plain(): AsyncGenerator<Buffer> {
    try {
      yield* packed === 'gzip' ? inflated(bytes, 'gzip') : bytes;
    } catch (error) {
      isTooLarge = (error as Error).message === BOMB;
      damaged = true; // reported below, after the archive has read the data before the damage
    }
  }
  const archive = extract();
  const input = Readable.from(plain(), { objectMode: false });
  input.pipe(archive);
  try {
    for await (const entry of archive) {
      const { name, type, size } = entry.header;
      const content =
        type === 'file' && size <= LONGEST_BYTES ? await readContent(entry as AsyncIterable<Buffer>) : null;
      entry.resume();
      if (content)
        yield {
          path,
          place: place ? `${place}/${printable(name)}` : printable(name),
          bytes: content.length,
          chunks: () => Readable.from([content]),
        };
    }
  } catch {
    damaged = true; // which of the two fails first depends on timing, so neither message is shown
  } finally {
    input.destroy();
    archive.destroy();
  }
  if (isTooLarge) throw new Error(BOMB);
  if (damaged)
    throw new Error('the archive is cut off or damaged: what stands before is read; download it again for the rest');
}

/** No dialogue is longer; longer files are ignored. */
const LONGEST_BYTES = 64 * 2 ** 20;

async function readContent(entry: AsyncIterable<Buffer>): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of entry) chunks.push(chunk);
  return Buffer.concat(chunks);
}

/** File names are untrusted and appear in messages. */
function printable(name: string): string {
  return name.replace(/[\x00-\x1f\x7f]/g, '?');
}
