/**
 * Counts whole numbers from 0 to 2⁵³. It uses typed arrays, because a Set of numbers this large takes several times as
 * long.
 */
export interface CountedHashes {
  readonly size: number;
  add(hash: number): void;
  /** 0 if it was never added. */
  countOf(hash: number): number;
  forEach(visit: (hash: number, count: number) => void): void;
  /** Removes all other hashes. */
  keepIf(predicate: (hash: number) => boolean): void;
}

/** Has room for `capacity` different hashes; adding more throws a RangeError. */
export function countedHashes(capacity: number): CountedHashes {
  const slots = 2 ** Math.ceil(Math.log2(2 * capacity + 2)); // at least half stay free, so that probing is short
  let hashes = new Float64Array(slots).fill(FREE);
  let counts = new Uint32Array(slots);
  let size = 0;
  /** The slot of a hash, or the free slot where it would go. */
  const slotOf = (hash: number): number => {
    let slot = (Math.imul((hash >>> 0) ^ (hash / 2 ** 32), 0x9e3779b1) >>> 7) & (slots - 1);
    while (hashes[slot] !== hash && hashes[slot] !== FREE) slot = (slot + 1) & (slots - 1);
    return slot;
  };
  const put = (hash: number, count: number): void => {
    const slot = slotOf(hash);
    if (hashes[slot] === FREE) {
      if (size === capacity) throw new RangeError(`there is only room for ${capacity} hashes`);
      size++;
    }
    hashes[slot] = hash;
    counts[slot]! += count;
  };
  return {
    get size() {
      return size;
    },
    add: (hash) => put(hash, 1),
    countOf: (hash) => counts[slotOf(hash)]!,
    forEach(visit) {
      for (let slot = 0; slot < slots; slot++) if (hashes[slot] !== FREE) visit(hashes[slot]!, counts[slot]!);
    },
    keepIf(predicate) {
      const before = { hashes, counts };
      [hashes, counts, size] = [new Float64Array(slots).fill(FREE), new Uint32Array(slots), 0];
      for (let slot = 0; slot < slots; slot++) {
        const hash = before.hashes[slot]!;
        if (hash !== FREE && predicate(hash)) put(hash, before.counts[slot]!);
      }
    },
  };
}

const FREE = -1;
