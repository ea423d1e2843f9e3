/**
 * Byte-pair merging: from the ids of single bytes, the neighbouring pair of the lowest rank (the leftmost of several) is joined, until
 * no pair is left that has a rank. n log n in the length of the word, which matters where a script writes no spaces.
 *
 * `byteIds`: byte → id. `merges`: triples (left, right, joined) of ids, best first.
 */
export function createPairMerger(byteIds: Int32Array, merges: Int32Array): (bytes: Uint8Array) => number[] {
  const rankOf = pairTable(merges);
  return (bytes) => mergeWord(Array.from(bytes, (byte) => byteIds[byte]!), rankOf, merges);
}

type RankOf = (left: number, right: number) => number;

const NONE = -1;

/** One heap entry is rank · PLACES + place of the left half: exact in a double, with more places than a string can have bytes. */
const PLACES = 2 ** 32;

function mergeWord(ids: number[], rankOf: RankOf, merges: Int32Array): number[] {
  const count = ids.length;
  if (count < 2) return ids;
  const next = Int32Array.from(ids, (_, i) => i + 1);
  const previous = Int32Array.from(ids, (_, i) => i - 1);
  const heap: number[] = [];
  const offer = (left: number): void => {
    const right = next[left]!;
    if (right >= count) return;
    const rank = rankOf(ids[left]!, ids[right]!);
    if (rank !== NONE) push(heap, rank * PLACES + left);
  };
  for (let i = 0; i + 1 < count; i++) offer(i);
  while (heap.length > 0) {
    const entry = pop(heap);
    const left = entry % PLACES;
    const rank = (entry - left) / PLACES;
    const right = next[left]!;
    // An entry whose halves were merged away since is passed over; a half that is gone has id NONE.
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
  let at = heap.length;
  heap.push(entry);
  while (at > 0) {
    const parent = (at - 1) >> 1;
    if (heap[parent]! <= entry) break;
    heap[at] = heap[parent]!;
    at = parent;
  }
  heap[at] = entry;
}

function pop(heap: number[]): number {
  const top = heap[0]!;
  const entry = heap.pop()!;
  const length = heap.length;
  if (length === 0) return top;
  let at = 0;
  for (;;) {
    let child = 2 * at + 1;
    if (child >= length) break;
    if (child + 1 < length && heap[child + 1]! < heap[child]!) child++;
    if (heap[child]! >= entry) break;
    heap[at] = heap[child]!;
    at = child;
  }
  heap[at] = entry;
  return top;
}

/** Open addressing over two id arrays: several times faster than a Map whose keys are beyond 31 bits. */
function pairTable(merges: Int32Array): RankOf {
  const count = merges.length / 3;
  let size = 1024;
  while (size < count * 4) size *= 2;
  const lefts = new Int32Array(size).fill(NONE);
  const rights = new Int32Array(size);
  const ranks = new Int32Array(size);
  const slotOf = (left: number, right: number): number => {
    let slot = (Math.imul(left, 0x9e3779b1) ^ Math.imul(right, 0x85ebca6b)) >>> 7 & (size - 1);
    while (lefts[slot] !== NONE && (lefts[slot] !== left || rights[slot] !== right)) slot = (slot + 1) & (size - 1);
    return slot;
  };
  for (let rank = 0; rank < count; rank++) {
    const slot = slotOf(merges[rank * 3]!, merges[rank * 3 + 1]!);
    if (lefts[slot] !== NONE) continue;
    lefts[slot] = merges[rank * 3]!;
    rights[slot] = merges[rank * 3 + 1]!;
    ranks[slot] = rank;
  }
  return (left, right) => {
    const slot = slotOf(left, right);
    return lefts[slot] === NONE ? NONE : ranks[slot]!;
  };
}
