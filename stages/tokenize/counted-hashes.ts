/**
 * Whole numbers from 0 to 2⁵³ and how often each was added. In typed arrays: a Set of numbers as large takes several
 * times as long.
 */
export interface CountedHashes {
  readonly size: number;
  add(hash: number): void;
  /** 0 if it was never added. */
  countOf(hash: number): number;
  each(visit: (hash: number, count: number) => void): void;
  /** Only these stay. */
  keepIf(stays: (hash: number) => boolean): void;
}

/** Has room for `most`; a RangeError beyond. */
export function countedHashes(most: number): CountedHashes {
  const slots = 2 ** Math.ceil(Math.log2(2 * most + 2)); // half of them stay free, so that a free one is near
  let hashes = new Float64Array(slots).fill(FREE);
  let counts = new Uint32Array(slots);
  let size = 0;
  /** Where it is, or would be. */
  const slotOf = (hash: number): number => {
    let slot = (Math.imul((hash >>> 0) ^ (hash / 2 ** 32), 0x9e3779b1) >>> 7) & (slots - 1);
    while (hashes[slot] !== hash && hashes[slot] !== FREE) slot = (slot + 1) & (slots - 1);
    return slot;
  };
  const put = (hash: number, count: number): void => {
    const slot = slotOf(hash);
    if (hashes[slot] === FREE) {
      if (size === most) throw new RangeError(`there is room for ${most}`);
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
    each(visit) {
      for (let slot = 0; slot < slots; slot++) if (hashes[slot] !== FREE) visit(hashes[slot]!, counts[slot]!);
    },
    keepIf(stays) {
      const before = { hashes, counts };
      [hashes, counts, size] = [new Float64Array(slots).fill(FREE), new Uint32Array(slots), 0];
      for (let slot = 0; slot < slots; slot++) {
        const hash = before.hashes[slot]!;
        if (hash !== FREE && stays(hash)) put(hash, before.counts[slot]!);
      }
    },
  };
}

const FREE = -1;
