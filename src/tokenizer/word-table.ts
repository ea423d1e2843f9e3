/**
 * A cache of words, as bytes, and their ids: a hash table in one flat array, with open addressing, because a `Map`
 * would need a string for each lookup. The entry of a short word fits into half a cache line.
 */
export interface WordTable {
  /**
   * Copies the ids of a word to `into`, starting at `index`. Returns the index after the last, or -1 if the word is
   * not in the table. A word has at most `LONGEST_CACHED_WORD` bytes.
   */
  copyIds(bytes: Uint8Array, start: number, end: number, into: Uint16Array, index: number): number;
  /** Adds the word of the last call of `copyIds`, which did not find it. If the table is full, empties it first. */
  add(bytes: Uint8Array, start: number, end: number, ids: ArrayLike<number>): void;
}

export const LONGEST_CACHED_WORD = 48;

export function createWordTable(words: number = 1 << 17): WordTable {
  const mask = words * 2 - 1;
  const table = new Int32Array(words * 2 * STRIDE);
  const text = new Uint8Array(words * MEAN_LONG_WORD_BYTES);
  const ids = new Uint16Array(words * MEAN_MANY_IDS);
  let count = 0;
  let textEnd = 0;
  let idsEnd = 0;
  let lastSlot = 0; // where the last search ended

  const sameText = (offset: number, bytes: Uint8Array, start: number, end: number): boolean => {
    for (let i = start; i < end; i++) if (text[offset + i - start] !== bytes[i]) return false;
    return true;
  };
  /** The slot of the word, or the empty slot where it would be. */
  const slotOf = (bytes: Uint8Array, start: number, end: number): number => {
    const length = end - start;
    const low = word32(bytes, start, Math.min(end, start + 4));
    const high = length > 4 ? word32(bytes, start + 4, Math.min(end, start + 8)) : 0;
    let hash = Math.imul(low, 0x9e3779b1) ^ Math.imul(high ^ (length << 24), 0x85ebca6b);
    for (let i = start + 8; i < end; i++) hash = Math.imul(hash ^ bytes[i]!, 0x01000193);
    for (let slot = (hash ^ (hash >>> 15)) & mask; ; slot = (slot + 1) & mask) {
      const entry = slot * STRIDE;
      const storedLength = table[entry]! & 0xff;
      if (storedLength === 0) return slot;
      if (
        storedLength === length &&
        table[entry + LOW] === low &&
        table[entry + HIGH] === high &&
        (length <= 8 || sameText(table[entry + TEXT]!, bytes, start + 8, end))
      )
        return slot;
    }
  };
  return {
    copyIds(bytes, start, end, into, index) {
      lastSlot = slotOf(bytes, start, end);
      const entry = lastSlot * STRIDE;
      const idCount = table[entry]! >>> 8;
      if (table[entry] === 0) return -1;
      if (idCount <= INLINE_IDS) {
        into[index] = table[entry + IDS]!;
        if (idCount > 1) into[index + 1] = table[entry + IDS + 1]!;
        if (idCount > 2) into[index + 2] = table[entry + IDS + 2]!;
      } else {
        const offset = table[entry + IDS]!;
        for (let i = 0; i < idCount; i++) into[index + i] = ids[offset + i]!;
      }
      return index + idCount;
    },
    add(bytes, start, end, wordIds) {
      if (count === words || textEnd + LONGEST_CACHED_WORD > text.length || idsEnd + LONGEST_CACHED_WORD > ids.length) {
        table.fill(0);
        count = textEnd = idsEnd = 0;
        lastSlot = slotOf(bytes, start, end);
      }
      count++;
      const length = end - start;
      const entry = lastSlot * STRIDE;
      table[entry] = length | (wordIds.length << 8);
      table[entry + LOW] = word32(bytes, start, Math.min(end, start + 4));
      table[entry + HIGH] = length > 4 ? word32(bytes, start + 4, Math.min(end, start + 8)) : 0;
      table[entry + TEXT] = textEnd;
      if (length > 8) {
        text.set(bytes.subarray(start + 8, end), textEnd);
        textEnd += length - 8;
      }
      if (wordIds.length <= INLINE_IDS) {
        for (let i = 0; i < wordIds.length; i++) table[entry + IDS + i] = wordIds[i]!;
      } else {
        table[entry + IDS] = idsEnd;
        ids.set(wordIds, idsEnd);
        idsEnd += wordIds.length;
      }
    },
  };
}

/** Up to four bytes as one number. */
function word32(bytes: Uint8Array, start: number, end: number): number {
  let value = 0;
  for (let i = start; i < end; i++) value = (value << 8) | bytes[i]!;
  return value;
}

/**
 * Layout of an entry: length and number of ids; the first eight bytes; the offset of the rest of the text; up to three
 * ids, or the offset of more.
 */
const STRIDE = 8;
const LOW = 1;
const HIGH = 2;
const TEXT = 3;
const IDS = 4;
const INLINE_IDS = 3;
const MEAN_LONG_WORD_BYTES = 8;
const MEAN_MANY_IDS = 4;
