import { join } from 'node:path';
import { Worker } from 'node:worker_threads';
import type { ConversationsBlock } from '../../src/artifacts/conversations.ts';
import { projectRoot } from '../../src/files/project-root.ts';
import { StageInputError } from '../../src/pipeline/stage-kind.ts';
import { withParts, type BlockParts, type BlockResult } from './block-parts.ts';
import { createBlockEncoder, sharedBuffers, type EncodedBlock, type Rendering } from './encode-block.ts';
import type { EncodeReply, EncodeRequest } from './encode-worker.ts';

export interface EncodeOptions {
  rendering: Rendering;
  /** number of worker threads; 0 encodes on the calling thread */
  threads: number;
  /** cache of encoded blocks */
  parts: BlockParts | null;
  /** receives the buffers of blocks once they have been encoded, for reuse */
  spare: SharedArrayBuffer[];
}

/**
 * Encodes blocks and yields them in the same order. Each result is valid until the next one is requested; then its
 * memory is reused.
 */
export async function* encodeBlocks(
  blocks: AsyncIterable<ConversationsBlock>,
  { rendering, threads, parts, spare }: EncodeOptions,
): AsyncGenerator<BlockResult> {
  const encoder = openEncoder(rendering, threads, spare);
  const encode = parts
    ? withParts(parts, rendering, encoder.encode)
    : async (block: ConversationsBlock): Promise<BlockResult> => ({
        block: await encoder.encode(block),
        cached: false,
      });
  try {
    // Two blocks per thread keep all threads busy and the memory bounded. The extra ones let cached blocks be fetched
    // while an earlier new block is being encoded.
    const ahead = 2 * threads + (parts ? CACHED_AHEAD : 0);
    const pending: Promise<BlockResult>[] = [];
    const drainTo = async function* (limit: number) {
      while (pending.length > limit) {
        const encoded = await pending.shift()!;
        yield encoded;
        if (!encoded.cached) encoder.recycle(encoded.block);
      }
    };
    for await (const block of blocks) {
      const encoded = encode(block);
      encoded.catch(() => {}); // awaited later, in order
      pending.push(encoded);
      yield* drainTo(ahead);
    }
    yield* drainTo(0);
  } finally {
    await encoder.close();
  }
}

const CACHED_AHEAD = 12;

interface Encoder {
  encode(block: ConversationsBlock): Promise<EncodedBlock>;
  /** Takes back the memory of a block for reuse. */
  recycle(block: EncodedBlock): void;
  close(): Promise<unknown>;
}

/** Starts one worker at once, as there is always something to encode, and the others when they are first needed. */
function openEncoder(rendering: Rendering, threads: number, spare: SharedArrayBuffer[]): Encoder {
  const returned: SharedArrayBuffer[] = [];
  let localEncoder: ReturnType<typeof createBlockEncoder> | null = null;
  const workers: ReturnType<typeof openWorker>[] = threads === 0 ? [] : [openWorker(rendering)];
  let sent = 0;
  return {
    async encode(block) {
      const index = sent++ % threads;
      const encoded =
        threads === 0
          ? (localEncoder ??= createBlockEncoder(rendering))(block, returned)
          : await (workers[index] ??= openWorker(rendering)).encode({ block, returned: returned.splice(0) });
      spare.push(block.bytes.buffer as SharedArrayBuffer);
      return encoded;
    },
    recycle: (block) => void returned.push(...sharedBuffers(block)),
    close: () => Promise.all(workers.map((worker) => worker.close())),
  };
}

function openWorker(rendering: Rendering) {
  const worker = new Worker(join(projectRoot(), 'dist', 'encode-worker.js'), { workerData: rendering });
  // Replies arrive in the order of the requests.
  const waiting: { resolve(block: EncodedBlock): void; reject(error: Error): void }[] = [];
  worker.on('message', (reply: EncodeReply) => {
    const waiter = waiting.shift()!;
    if (reply.kind === 'encoded') waiter.resolve(reply.block);
    else waiter.reject(reply.hint === null ? new Error(reply.message) : new StageInputError(reply.message, reply.hint));
  });
  const fail = (error: Error): void => waiting.splice(0).forEach(({ reject }) => reject(error));
  worker.on('error', fail);
  worker.on('exit', (code) => fail(new Error(`an encoding thread exited with code ${code}`)));
  return {
    encode(request: EncodeRequest): Promise<EncodedBlock> {
      const encoded = new Promise<EncodedBlock>((resolve, reject) => waiting.push({ resolve, reject }));
      encoded.catch(() => {}); // awaited later, in order
      worker.postMessage(request);
      return encoded;
    },
    close: () => worker.terminate(),
  };
}
