/** The thread that `encode-blocks.ts` starts: blocks of conversations come in, encoded ones go out. */
import { parentPort, workerData } from 'node:worker_threads';
import type { ConversationsBlock } from '../../src/artifacts/conversations.ts';
import { StageInputError } from '../define-stage.ts';
import { buffersOf, createBlockEncoder, type EncodedBlock, type Rendering } from './encode-block.ts';

export type Answer = { kind: 'encoded'; block: EncodedBlock } | { kind: 'failed'; message: string; hint: string | null };

const port = parentPort!;
const encode = createBlockEncoder(workerData as Rendering);
port.on('message', (block: ConversationsBlock) => {
  try {
    const encoded = encode(block);
    port.postMessage({ kind: 'encoded', block: encoded } satisfies Answer, buffersOf(encoded));
  } catch (error) {
    const hint = error instanceof StageInputError ? (error.hint ?? '') : null;
    port.postMessage({ kind: 'failed', message: (error as Error).message, hint } satisfies Answer);
  }
});
