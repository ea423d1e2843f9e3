import { join } from 'node:path';
import { Worker } from 'node:worker_threads';
import type { ConversationsBlock } from '../../src/artifacts/conversations.ts';
import { projectRoot } from '../../src/files/project-root.ts';
import { StageInputError } from '../../src/pipeline/stage-kind.ts';
import { throughParts, type BlockParts, type EncodedInTurn } from './block-parts.ts';
import { createBlockEncoder, memoryOf, type EncodedBlock, type Rendering } from './encode-block.ts';
import type { Answer, Question } from './encode-worker.ts';

export interface Encoding {
  rendering: Rendering;
  /** beside this one; on this one if it is 0 */
  threads: number;
  /** where blocks may lie that were encoded before */
  parts: BlockParts | null;
  /** gets the memory of blocks that are encoded */
  spare: SharedArrayBuffer[];
}

/**
 * Blocks in, encoded blocks out, in the same order. What comes out is valid until the next one is asked for: then its
 * memory is used again.
 */
export async function* encodeBlocks(
  blocks: AsyncIterable<ConversationsBlock>,
  { rendering, threads, parts, spare }: Encoding,
): AsyncGenerator<EncodedInTurn> {
  const encoder = openEncoder(rendering, threads, spare);
  const encode = parts
    ? throughParts(parts, rendering, encoder.encode)
    : async (block: ConversationsBlock): Promise<EncodedInTurn> => ({
        block: await encoder.encode(block),
        known: false,
      });
  try {
    // In the order they were sent; two for each thread, so that none waits and the memory stays bounded. While the first that is new is
    // encoded, some that are known are fetched.
    const ahead = 2 * threads + (parts ? KNOWN_AHEAD : 0);
    const pending: Promise<EncodedInTurn>[] = [];
    const next = async function* (most: number) {
      while (pending.length > most) {
        const encoded = await pending.shift()!;
        yield encoded;
        if (!encoded.known) encoder.takeBack(encoded.block);
      }
    };
    for await (const block of blocks) {
      const encoded = encode(block);
      encoded.catch(() => {}); // it is awaited later, in its turn
      pending.push(encoded);
      yield* next(ahead);
    }
    yield* next(0);
  } finally {
    await encoder.close();
  }
}

const KNOWN_AHEAD = 12;

interface Encoder {
  encode(block: ConversationsBlock): Promise<EncodedBlock>;
  /** Its memory may be used again. */
  takeBack(block: EncodedBlock): void;
  close(): Promise<unknown>;
}

/** One thread is started at once, for a stage that runs has something to encode; the others when it comes to them. */
function openEncoder(rendering: Rendering, threads: number, spare: SharedArrayBuffer[]): Encoder {
  const returned: SharedArrayBuffer[] = [];
  let here: ReturnType<typeof createBlockEncoder> | null = null;
  const workers: ReturnType<typeof openWorker>[] = threads === 0 ? [] : [openWorker(rendering)];
  let sent = 0;
  return {
    async encode(block) {
      const nth = sent++ % threads;
      const encoded =
        threads === 0
          ? (here ??= createBlockEncoder(rendering))(block, returned)
          : await (workers[nth] ??= openWorker(rendering)).encode({ block, returned: returned.splice(0) });
      spare.push(block.bytes.buffer as SharedArrayBuffer);
      return encoded;
    },
    takeBack: (block) => void returned.push(...memoryOf(block)),
    close: () => Promise.all(workers.map((worker) => worker.close())),
  };
}

function openWorker(rendering: Rendering) {
  const worker = new Worker(join(projectRoot(), 'dist', 'encode-worker.js'), { workerData: rendering });
  // Answers come in the order of the questions.
  const waiting: { resolve(block: EncodedBlock): void; reject(error: Error): void }[] = [];
  worker.on('message', (answer: Answer) => {
    const asked = waiting.shift()!;
    if (answer.kind === 'encoded') asked.resolve(answer.block);
    else
      asked.reject(answer.hint === null ? new Error(answer.message) : new StageInputError(answer.message, answer.hint));
  });
  const fail = (error: Error): void => waiting.splice(0).forEach(({ reject }) => reject(error));
  worker.on('error', fail);
  worker.on('exit', (code) => fail(new Error(`a thread that encodes ended with code ${code}`)));
  return {
    encode(question: Question): Promise<EncodedBlock> {
      const encoded = new Promise<EncodedBlock>((resolve, reject) => waiting.push({ resolve, reject }));
      encoded.catch(() => {}); // it is awaited later, in its turn
      worker.postMessage(question);
      return encoded;
    },
    close: () => worker.terminate(),
  };
}
