import { Readable } from 'node:stream';
import { extract } from 'tar-stream';
import { inflated } from './inflated.ts';
import type { TreeFile } from './tree-file.ts';

/**
 * The files inside a .tar or .tgz, one after the other, read as they come by: nothing is unpacked to the disk. Links
 * and folders are left out. A file of the archive is held whole while it is looked at, and one that is not whole is not
 * given. Throws an Error whose message can be shown; what was given before it never depends on timing.
 */
export async function* tarFiles(
  { path, place }: TreeFile,
  bytes: AsyncIterable<Buffer>,
  packed: 'gzip' | 'plain',
): AsyncGenerator<TreeFile> {
  let damaged = false;
  async function* plain(): AsyncGenerator<Buffer> {
    try {
      yield* packed === 'gzip' ? inflated(bytes, 'gzip') : bytes;
    } catch {
      damaged = true; // told when the archive has taken what came before
    }
  }
  const archive = extract();
  const input = Readable.from(plain(), { objectMode: false });
  input.pipe(archive);
  try {
    for await (const entry of archive) {
      const { name, type, size } = entry.header;
      const content = type === 'file' && size <= LONGEST_BYTES ? await contentOf(entry as AsyncIterable<Buffer>) : null;
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
    damaged = true; // which of the two fails first is a matter of timing, and so neither is quoted
  } finally {
    input.destroy();
    archive.destroy();
  }
  if (damaged)
    throw new Error('the archive is cut off or damaged: what stands before is read; download it again for the rest');
}

/** No dialogue is longer; what is, is passed over. */
const LONGEST_BYTES = 64 * 2 ** 20;

async function contentOf(entry: AsyncIterable<Buffer>): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of entry) chunks.push(chunk);
  return Buffer.concat(chunks);
}

/** Names come from strangers, and go into messages of ours. */
function printable(name: string): string {
  return name.replace(/[\x00-\x1f\x7f]/g, '?');
}
