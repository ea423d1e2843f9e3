/**
 * The thread that `encode-blocks.ts` starts: blocks of conversations come in, encoded ones go out, both in shared
 * memory.
 */
import { parentPort, workerData } from 'node:worker_threads';
import type { ConversationsBlock } from '../../src/artifacts/conversations.ts';
import { StageInputError } from '../../src/pipeline/stage-kind.ts';
import { createBlockEncoder, type EncodedBlock, type Rendering } from './encode-block.ts';

export interface Question {
  block: ConversationsBlock;
  /** memory of blocks that were encoded before and are written */
  returned: SharedArrayBuffer[];
}

export type Answer =
  | { kind: 'encoded'; block: EncodedBlock }
  | { kind: 'failed'; message: string; hint: string | null };

const port = parentPort!;
const encode = createBlockEncoder(workerData as Rendering);
const spare: SharedArrayBuffer[] = [];
port.on('message', ({ block, returned }: Question) => {
  spare.push(...returned);
  try {
    port.postMessage({ kind: 'encoded', block: encode(block, spare) } satisfies Answer);
  } catch (error) {
    const hint = error instanceof StageInputError ? (error.hint ?? '') : null;
    port.postMessage({ kind: 'failed', message: (error as Error).message, hint } satisfies Answer);
  }
});
