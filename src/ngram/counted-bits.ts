/** A row of bits that tells how many of its first n are set. Takes 2 bits for each. */
export interface CountedBits {
  /** the number of bits set among the first `end` */
  before: (end: number) => number;
}

/** Bit i is set where `isSet(i)` holds. */
export function countedBits(length: number, isSet: (i: number) => boolean): CountedBits {
  const words = new Uint32Array(Math.ceil(length / 32) + 1);
  const counts = new Uint32Array(words.length);
  for (let i = 0; i < length; i++) if (isSet(i)) words[i >>> 5]! |= 1 << (i & 31);
  for (let word = 1; word < words.length; word++) counts[word] = counts[word - 1]! + ones(words[word - 1]!);
  return {
    before: (end) => {
      const word = end >>> 5;
      return counts[word]! + ones(words[word]! & ((1 << (end & 31)) - 1));
    },
  };
}

/** The number of bits set in 32. */
function ones(bits: number): number {
  const pairs = bits - ((bits >>> 1) & 0x55555555);
  const fours = (pairs & 0x33333333) + ((pairs >>> 2) & 0x33333333);
  return Math.imul((fours + (fours >>> 4)) & 0x0f0f0f0f, 0x01010101) >>> 24;
}
