import { createGunzip, createInflateRaw } from 'node:zlib';
import { BOMB, isBomb } from './bomb.ts';

/**
 * Decompresses a stream. For damaged input it always yields the same bytes before the error, unlike a piped stream,
 * which discards whatever has not been read yet when it fails. Throws zlib's error, also for input that ends too
 * early, or an Error with the message BOMB.
 */
export async function* inflated(packed: AsyncIterable<Buffer>, form: 'gzip' | 'deflate'): AsyncGenerator<Buffer> {
  const stream =
    form === 'gzip' ? createGunzip({ chunkSize: CHUNK_BYTES }) : createInflateRaw({ chunkSize: CHUNK_BYTES });
  let out: Buffer[] = [];
  let failure: Error | null = null;
  stream.on('data', (chunk: Buffer) => out.push(chunk));
  stream.on('error', (error) => (failure ??= error));
  /** Resolves when `start` calls `done`, or when the stream has failed and so will never call back. */
  const settled = (start: (done: () => void) => void): Promise<void> =>
    new Promise((done) => (stream.once('close', done), start(done)));
  try {
    let packedBytes = 0;
    let bytes = 0;
    for await (const chunk of packed) {
      // In small slices, because zip bombs expand a thousandfold and the output of one slice must fit into memory.
      for (let start = 0; start < chunk.length; start += SLICE_BYTES) {
        await settled((done) =>
          stream.write(chunk.subarray(start, start + SLICE_BYTES), () => (stream.off('close', done), done())),
        );
        packedBytes += Math.min(SLICE_BYTES, chunk.length - start);
        for (const part of out) bytes += part.length;
        if (isBomb(bytes, packedBytes)) throw new Error(BOMB);
        yield* out;
        out = [];
        if (failure) throw failure as Error;
      }
    }
    await settled(() => stream.end());
    yield* out;
    if (failure) throw failure as Error;
  } finally {
    stream.destroy();
  }
}

const SLICE_BYTES = 1 << 14;
const CHUNK_BYTES = 1 << 17;
