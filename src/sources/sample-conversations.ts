import type { Conversation } from '../artifacts/conversations.ts';
import { conversationHash } from './conversation-hash.ts';
import { drop, newTally, type Tally } from './tally.ts';

/** Exactly one of `conversations` and `bytes` is set. */
export interface Sample {
  conversations?: number;
  /** size of names and texts in UTF-8 */
  bytes?: number;
  seed: number;
}

/**
 * A random sample of conversations: those with the lowest hashes of seed and content. So the order of files does not
 * matter, and a conversation stays in the sample when others are added, unless the limit pushes it out. Reads
 * everything twice: first to find the limit, then to return the conversations below it.
 */
export function sampledConversations(
  read: (tally: Tally) => AsyncIterable<Conversation>,
  sample: Sample,
): (tally: Tally) => AsyncGenerator<Conversation> {
  return async function* sampled(tally) {
    const first = newTally();
    const limit = await hashLimit(read(first), sample);
    tally.bytesRead += first.bytesRead;
    for await (const conversation of read(tally)) {
      if (sampleHash(conversation, sample.seed) <= limit) yield conversation;
      else {
        tally.kept -= conversation.messages.length;
        drop(tally, 'not in the sample', conversation.messages.length);
      }
    }
  };
}

/** The highest hash in the sample; -1 if the sample is empty. */
async function hashLimit(
  conversations: AsyncIterable<Conversation>,
  { conversations: most = Infinity, bytes: mostBytes = Infinity, seed }: Sample,
): Promise<number> {
  let hashes = new Float64Array(1 << 12);
  let sizes = new Float64Array(1 << 12);
  let count = 0;
  for await (const conversation of conversations) {
    if (count === hashes.length) [hashes, sizes] = [grown(hashes), grown(sizes)];
    hashes[count] = sampleHash(conversation, seed);
    sizes[count++] = mostBytes === Infinity ? 0 : conversationBytes(conversation);
  }
  const order = new Uint32Array(count).map((_, i) => i).sort((a, b) => hashes[a]! - hashes[b]!);
  let limit = -1;
  let bytes = 0;
  for (const [rank, index] of order.entries()) {
    bytes += sizes[index]!;
    if (rank >= most || bytes > mostBytes) break;
    limit = hashes[index]!;
  }
  return limit;
}

function grown(array: Float64Array<ArrayBuffer>): Float64Array<ArrayBuffer> {
  const larger = new Float64Array(array.length * 2);
  larger.set(array);
  return larger;
}

/** 53 bits, which fit a number exactly. */
function sampleHash(conversation: Conversation, seed: number): number {
  const { high, low } = conversationHash(conversation, seed + 1);
  return (high >>> 11) * 0x100000000 + low;
}

function conversationBytes({ messages }: Conversation): number {
  return messages.reduce((sum, { from, text }) => sum + Buffer.byteLength(from) + Buffer.byteLength(text), 0);
}
