import type { Conversation } from '../artifacts/conversations.ts';
import { conversationHash } from './conversation-hash.ts';
import type { Source } from './source.ts';
import { drop, newTally } from './tally.ts';

/** One of the two sizes is given. */
export interface Sample {
  conversations?: number;
  /** of names and texts in UTF-8 */
  bytes?: number;
  seed: number;
}

/**
 * A random part of a source's conversations: those whose hash, of seed and content, is lowest, so that neither the
 * order of files nor what else was read changes who is in, as long as the limit allows. Reads the source twice: for the
 * limit, and for what is below it.
 */
export function sampleOf(source: Source, sample: Sample): Source {
  const { units: _, ...whole } = source; // whether one is in depends on all
  return {
    ...whole,
    files: source.files.map((file) => ({ ...file, bytes: file.bytes * 2 })),
    async *read(tally) {
      const first = newTally();
      const limit = await limitOf(source.read(first), sample);
      tally.bytesRead += first.bytesRead;
      for await (const conversation of source.read(tally)) {
        if (hashOf(conversation, sample.seed) <= limit) yield conversation;
        else {
          tally.kept -= conversation.messages.length;
          drop(tally, 'not in the sample', conversation.messages.length);
        }
      }
    },
  };
}

/** The highest hash that is in; -1 if none is. */
async function limitOf(
  conversations: AsyncIterable<Conversation>,
  { conversations: most = Infinity, bytes: mostBytes = Infinity, seed }: Sample,
): Promise<number> {
  let hashes = new Float64Array(1 << 12);
  let sizes = new Float64Array(1 << 12);
  let count = 0;
  for await (const conversation of conversations) {
    if (count === hashes.length) [hashes, sizes] = [grown(hashes), grown(sizes)];
    hashes[count] = hashOf(conversation, seed);
    sizes[count++] = mostBytes === Infinity ? 0 : conversationBytes(conversation);
  }
  const order = new Uint32Array(count).map((_, i) => i).sort((a, b) => hashes[a]! - hashes[b]!);
  let limit = -1;
  let bytes = 0;
  for (const [rank, place] of order.entries()) {
    bytes += sizes[place]!;
    if (rank >= most || bytes > mostBytes) break;
    limit = hashes[place]!;
  }
  return limit;
}

function grown(array: Float64Array<ArrayBuffer>): Float64Array<ArrayBuffer> {
  const larger = new Float64Array(array.length * 2);
  larger.set(array);
  return larger;
}

/** 53 bits, which a number holds exactly. */
function hashOf(conversation: Conversation, seed: number): number {
  const { high, low } = conversationHash(conversation, seed + 1);
  return (high >>> 11) * 0x100000000 + low;
}

function conversationBytes({ messages }: Conversation): number {
  return messages.reduce((sum, { from, text }) => sum + Buffer.byteLength(from) + Buffer.byteLength(text), 0);
}
