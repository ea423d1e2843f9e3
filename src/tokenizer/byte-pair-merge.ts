/**
 * Byte-pair merging: starts with the ids of single bytes and repeatedly joins the adjacent pair with the lowest rank
 * (the leftmost one of several), until no pair has a rank. Takes n log n time for a long word, which matters for
 * scripts without spaces. The result is valid until the next call.
 *
 * `byteIds`: byte → id. `merges`: triples (left, right, joined) of ids, best first.
 */
export function createPairMerger(byteIds: Int32Array, merges: Int32Array): (bytes: Uint8Array) => ArrayLike<number> {
  const rankOf = pairTable(merges);
  const ranksOfBytes = Int32Array.from({ length: 1 << 16 }, (_, pair) =>
    rankOf(byteIds[pair >> 8]!, byteIds[pair & 0xff]!),
  );
  const mergeShort = shortMerger({ byteIds, merges, rankOf, ranksOfBytes });
  return (bytes) =>
    bytes.length <= SHORT_BYTES
      ? mergeShort(bytes)
      : mergeLong(
          Array.from(bytes, (byte) => byteIds[byte]!),
          rankOf,
          merges,
        );
}

interface Tables {
  byteIds: Int32Array;
  merges: Int32Array;
  rankOf: RankOf;
  /** left byte · 256 + right byte → rank */
  ranksOfBytes: Int32Array;
}

/** Up to this length, searching all pairs for the lowest rank is faster than a heap. */
const SHORT_BYTES = 32;

function shortMerger({ byteIds, merges, rankOf, ranksOfBytes }: Tables): (bytes: Uint8Array) => ArrayLike<number> {
  const ids = new Int32Array(SHORT_BYTES);
  const ranks = new Int32Array(SHORT_BYTES); // rank of the pair that begins at each id
  return (bytes) => {
    let count = bytes.length;
    for (let i = 0; i < count; i++) ids[i] = byteIds[bytes[i]!]!;
    for (let i = 0; i + 1 < count; i++) ranks[i] = ranksOfBytes[(bytes[i]! << 8) | bytes[i + 1]!]!;
    for (;;) {
      let best = 0;
      let lowest = NONE;
      for (let i = 0; i + 1 < count; i++) {
        if (ranks[i]! < lowest) {
          lowest = ranks[i]!;
          best = i;
        }
      }
      if (lowest === NONE) return ids.subarray(0, count);
      ids[best] = merges[lowest * 3 + 2]!;
      count--;
      for (let i = best + 1; i < count; i++) {
        ids[i] = ids[i + 1]!;
        ranks[i] = ranks[i + 1]!;
      }
      if (best > 0) ranks[best - 1] = rankOf(ids[best - 1]!, ids[best]!);
      if (best + 1 < count) ranks[best] = rankOf(ids[best]!, ids[best + 1]!);
    }
  };
}

type RankOf = (left: number, right: number) => number;

/** Rank of a pair that is never joined, above all others. Also marks an id that was merged away. */
const NONE = 0x7fffffff;

/**
 * A heap entry is rank · MAX_LENGTH + index of the left half. It is exact in a double, and no string has as many bytes
 * as MAX_LENGTH.
 */
const MAX_LENGTH = 2 ** 32;

function mergeLong(ids: number[], rankOf: RankOf, merges: Int32Array): number[] {
  const count = ids.length;
  if (count < 2) return ids;
  const next = Int32Array.from(ids, (_, i) => i + 1);
  const previous = Int32Array.from(ids, (_, i) => i - 1);
  const heap: number[] = [];
  const offer = (left: number): void => {
    const right = next[left]!;
    if (right >= count) return;
    const rank = rankOf(ids[left]!, ids[right]!);
    if (rank !== NONE) push(heap, rank * MAX_LENGTH + left);
  };
  for (let i = 0; i + 1 < count; i++) offer(i);
  while (heap.length > 0) {
    const entry = pop(heap);
    const left = entry % MAX_LENGTH;
    const rank = (entry - left) / MAX_LENGTH;
    const right = next[left]!;
    // Skips entries whose halves have been merged since; a half that was merged away has id NONE.
    if (right >= count || ids[left] !== merges[rank * 3] || ids[right] !== merges[rank * 3 + 1]) continue;
    ids[left] = merges[rank * 3 + 2]!;
    ids[right] = NONE;
    next[left] = next[right]!;
    if (next[right]! < count) previous[next[right]!] = left;
    if (previous[left]! >= 0) offer(previous[left]!);
    offer(left);
  }
  return ids.filter((id) => id !== NONE);
}

function push(heap: number[], entry: number): void {
  let index = heap.length;
  heap.push(entry);
  while (index > 0) {
    const parent = (index - 1) >> 1;
    if (heap[parent]! <= entry) break;
    heap[index] = heap[parent]!;
    index = parent;
  }
  heap[index] = entry;
}

function pop(heap: number[]): number {
  const top = heap[0]!;
  const entry = heap.pop()!;
  const length = heap.length;
  if (length === 0) return top;
  let index = 0;
  for (;;) {
    let child = 2 * index + 1;
    if (child >= length) break;
    if (child + 1 < length && heap[child + 1]! < heap[child]!) child++;
    if (heap[child]! >= entry) break;
    heap[index] = heap[child]!;
    index = child;
  }
  heap[index] = entry;
  return top;
}

/** A hash table in one flat array, with open addressing: several times faster than a Map with keys over 31 bits. */
function pairTable(merges: Int32Array): RankOf {
  const count = merges.length / 3;
  let size = 1024;
  while (size < count * 2) size *= 2;
  const entries = new Int32Array(size * 4).fill(NONE); // left, right, rank, unused
  const entryOf = (left: number, right: number): number => {
    const hash = Math.imul(left, 0x9e3779b1) ^ Math.imul(right, 0x85ebca6b);
    let entry = ((hash >>> 9) & (size - 1)) * 4;
    while (entries[entry] !== NONE && (entries[entry] !== left || entries[entry + 1] !== right))
      entry = (entry + 4) & (size * 4 - 1);
    return entry;
  };
  for (let rank = 0; rank < count; rank++) {
    const [left, right] = [merges[rank * 3]!, merges[rank * 3 + 1]!];
    const entry = entryOf(left, right);
    if (entries[entry] === NONE) entries.set([left, right, rank], entry);
  }
  return (left, right) => entries[entryOf(left, right) + 2]!;
}
