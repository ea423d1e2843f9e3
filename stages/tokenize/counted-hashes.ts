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
  const places = 2 ** Math.ceil(Math.log2(2 * most + 2)); // half of them stay free, so that a free one is near
  let hashes = new Float64Array(places).fill(FREE);
  let counts = new Uint32Array(places);
  let size = 0;
  /** Where it is, or would be. */
  const placeOf = (hash: number): number => {
    let place = (Math.imul((hash >>> 0) ^ (hash / 2 ** 32), 0x9e3779b1) >>> 7) & (places - 1);
    while (hashes[place] !== hash && hashes[place] !== FREE) place = (place + 1) & (places - 1);
    return place;
  };
  const put = (hash: number, count: number): void => {
    const place = placeOf(hash);
    if (hashes[place] === FREE) {
      if (size === most) throw new RangeError(`there is room for ${most}`);
      size++;
    }
    hashes[place] = hash;
    counts[place]! += count;
  };
  return {
    get size() {
      return size;
    },
    add: (hash) => put(hash, 1),
    countOf: (hash) => counts[placeOf(hash)]!,
    each(visit) {
      for (let place = 0; place < places; place++) if (hashes[place] !== FREE) visit(hashes[place]!, counts[place]!);
    },
    keepIf(stays) {
      const before = { hashes, counts };
      [hashes, counts, size] = [new Float64Array(places).fill(FREE), new Uint32Array(places), 0];
      for (let place = 0; place < places; place++) {
        const hash = before.hashes[place]!;
        if (hash !== FREE && stays(hash)) put(hash, before.counts[place]!);
      }
    },
  };
}

const FREE = -1;
