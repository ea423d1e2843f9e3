/**
 * Worker thread of `encode-blocks.ts`: receives blocks of conversations and sends them back encoded, both in shared
 * memory.
 */
import { parentPort, workerData } from 'node:worker_threads';
import type { ConversationsBlock } from '../../src/artifacts/conversations.ts';
import { StageInputError } from '../../src/pipeline/stage-kind.ts';
import { createBlockEncoder, type EncodedBlock, type Rendering } from './encode-block.ts';

export interface EncodeRequest {
  block: ConversationsBlock;
  /** buffers of encoded blocks that have been written, for reuse */
  returned: SharedArrayBuffer[];
}

export type EncodeReply =
  | { kind: 'encoded'; block: EncodedBlock }
  | { kind: 'failed'; message: string; hint: string | null };

const port = parentPort!;
const encode = createBlockEncoder(workerData as Rendering);
const spare: SharedArrayBuffer[] = [];
port.on('message', ({ block, returned }: EncodeRequest) => {
  spare.push(...returned);
  try {
    port.postMessage({ kind: 'encoded', block: encode(block, spare) } satisfies EncodeReply);
  } catch (error) {
    const hint = error instanceof StageInputError ? (error.hint ?? '') : null;
    port.postMessage({ kind: 'failed', message: (error as Error).message, hint } satisfies EncodeReply);
  }
});
