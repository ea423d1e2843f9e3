import { createGunzip, createInflateRaw } from 'node:zlib';

/**
 * Unpacks piece by piece. Unlike a stream that is piped, what it gives out in front of damage is always the same, for a
 * stream that fails forgets what nobody has taken yet. Throws zlib's error, as for input that ends too early.
 */
export async function* inflated(packed: AsyncIterable<Buffer>, form: 'gzip' | 'deflate'): AsyncGenerator<Buffer> {
  const stream =
    form === 'gzip' ? createGunzip({ chunkSize: CHUNK_BYTES }) : createInflateRaw({ chunkSize: CHUNK_BYTES });
  let out: Buffer[] = [];
  let failure: Error | null = null;
  stream.on('data', (chunk: Buffer) => out.push(chunk));
  stream.on('error', (error) => (failure ??= error));
  /** Resolves when what `start` began is done, or when the stream has failed, after which it calls nobody back. */
  const settled = (start: (done: () => void) => void): Promise<void> =>
    new Promise((done) => (stream.once('close', done), start(done)));
  try {
    for await (const chunk of packed) {
      // In small pieces: a bomb's thousandfold must fit the memory.
      for (let at = 0; at < chunk.length; at += PIECE_BYTES) {
        await settled((done) =>
          stream.write(chunk.subarray(at, at + PIECE_BYTES), () => (stream.off('close', done), done())),
        );
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

const PIECE_BYTES = 1 << 14;
const CHUNK_BYTES = 1 << 17;
