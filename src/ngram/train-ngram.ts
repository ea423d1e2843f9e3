import { countedBits } from './counted-bits.ts';
import { sortedPositions } from './sorted-positions.ts';

export interface NgramModel {
  /** The natural logarithm of the probability of `id` after `context`, of which only the last three ids count. */
  logProbability: (context: ArrayLike<number>, id: number) => number;
  /** An id drawn from exactly these probabilities. `uniform` gives numbers from 0 to below 1; it is called 1 to 5 times. */
  sample: (context: ArrayLike<number>, uniform: () => number) => number;
}

/** Of a longer stream, only the beginning is learned. */
export const MOST_TOKENS = 8_000_000;

const ORDER = 4;

/**
 * A model of order 4 with Witten-Bell smoothing: after a context h that occurred c(h) times, followed by t(h) different
 * ids, P(id | h) = (c(h id) + t(h) · P(id | h without its first id)) / (c(h) + t(h)). A context that never occurred is
 * shortened; below the single ids, all of the vocabulary are equally likely.
 *
 * Nothing is counted: the positions of the stream are sorted by the four ids that begin there, so all that follow a
 * context stand together, sorted. That takes 9 bytes for each token of the stream (at most 72 MB; 100 MB while it is
 * sorted), however many n-grams are distinct; in chats, 7 bytes for each of these. Ids are below `vocabulary`.
 */
export function trainNgram(stream: Iterable<number>, vocabulary: number): NgramModel {
  const ids = collected(stream, vocabulary);
  const length = ids.length - (ORDER - 1);
  const positions = sortedPositions(ids, vocabulary, ORDER);
  const shared = sharedIds(ids, positions);
  // Where at most `depth` ids are shared, a new n-gram of that order begins.
  const begins = Array.from({ length: ORDER }, (_, depth) => countedBits(length, (i) => shared[i]! <= depth));

  /** The first place in [low, high) where the id `depth` further is at least `id`; all ids before are the same there. */
  const firstFrom = (low: number, high: number, depth: number, id: number): number => {
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (ids[positions[middle]! + depth]! < id) low = middle + 1;
      else high = middle;
    }
    return low;
  };

  /** Where the last `depth` ids of the context are followed by one; empty if they never are. */
  const followers = (context: ArrayLike<number>, depth: number): [low: number, high: number] => {
    let [low, high] = [0, length];
    for (let i = 0; i < depth && low < high; i++) {
      const id = context[context.length - depth + i]!;
      low = firstFrom(low, high, i, id);
      high = firstFrom(low, high, i, id + 1);
    }
    // without the end of the stream
    return [low, firstFrom(low, high, depth, vocabulary)];
  };

  const different = (low: number, high: number, depth: number): number =>
    1 + begins[depth]!.before(high) - begins[depth]!.before(low + 1);

  return {
    logProbability(context, id) {
      if (!(id >= 0 && id < vocabulary)) throw new Error(`${id} is not an id below ${vocabulary}`);
      let probability = 1 / vocabulary;
      for (let depth = 0; depth <= Math.min(ORDER - 1, context.length); depth++) {
        const [low, high] = followers(context, depth);
        if (low === high) break;
        const start = firstFrom(low, high, depth, id);
        const count = firstFrom(start, high, depth, id + 1) - start;
        const kinds = different(low, high, depth);
        probability = (count + kinds * probability) / (high - low + kinds);
      }
      return Math.log(probability);
    },
    sample(context, uniform) {
      for (let depth = Math.min(ORDER - 1, context.length); depth >= 0; depth--) {
        const [low, high] = followers(context, depth);
        if (low === high) continue;
        // With probability c(h) / (c(h) + t(h)), what follows at one of the places; else by the shorter context.
        const place = Math.floor(uniform() * (high - low + different(low, high, depth)));
        if (place < high - low) return ids[positions[low + place]! + depth]!;
      }
      return Math.floor(uniform() * vocabulary);
    },
  };
}

// ---------------------------------------------------------------------------

/** For each of the sorted positions, how many ids it has in common with the one before, up to `ORDER`. */
function sharedIds(ids: Uint32Array, positions: Uint32Array): Uint8Array {
  const shared = new Uint8Array(positions.length);
  for (let i = 1; i < positions.length; i++) {
    const [a, b] = [positions[i - 1]!, positions[i]!];
    let count = 0;
    while (count < ORDER && ids[a + count] === ids[b + count]) count++;
    shared[i] = count;
  }
  return shared;
}

/** The ids of the stream, then the mark of its end as often as sorting looks beyond it. */
function collected(stream: Iterable<number>, vocabulary: number): Uint32Array {
  let ids = new Uint32Array(2 ** 16);
  let length = 0;
  for (const id of stream) {
    if (!(Number.isInteger(id) && id >= 0 && id < vocabulary))
      throw new Error(`token ${length} is ${id}, not a whole number below ${vocabulary}`);
    if (length === ids.length) {
      const larger = new Uint32Array(Math.min(2 * length, MOST_TOKENS));
      larger.set(ids);
      ids = larger;
    }
    ids[length++] = id;
    if (length === MOST_TOKENS) break;
  }
  const all = new Uint32Array(length + ORDER - 1).fill(vocabulary);
  all.set(ids.subarray(0, length));
  return all;
}
