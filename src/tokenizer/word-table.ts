/**
 * Words, as bytes, and the ids they are encoded to: an open-addressed table in one flat array, because a `Map` would
 * need a string for each word that is looked up. An entry of a short word is whole in half a cache line.
 */
export interface WordTable {
  /**
   * Copies the ids of the word into `into` from `at` on and returns the place after them; -1 if it is not known. At
   * most `LONGEST_KEPT_WORD` bytes.
   */
  copyIds(bytes: Uint8Array, start: number, end: number, into: Uint16Array, at: number): number;
  /** The word that was asked for last and not found. When the table is full, it is emptied first. */
  add(bytes: Uint8Array, start: number, end: number, ids: ArrayLike<number>): void;
}

export const LONGEST_KEPT_WORD = 48;

export function createWordTable(words: number = 1 << 17): WordTable {
  const mask = words * 2 - 1;
  const table = new Int32Array(words * 2 * STRIDE);
  const text = new Uint8Array(words * MEAN_LONG_WORD_BYTES);
  const ids = new Uint16Array(words * MEAN_MANY_IDS);
  let count = 0;
  let textEnd = 0;
  let idsEnd = 0;
  let asked = 0; // the slot where the last search ended

  const sameText = (kept: number, bytes: Uint8Array, start: number, end: number): boolean => {
    for (let i = start; i < end; i++) if (text[kept + i - start] !== bytes[i]) return false;
    return true;
  };
  /** Of the entry, or of the empty place where it would be. */
  const slotOf = (bytes: Uint8Array, start: number, end: number): number => {
    const length = end - start;
    const low = word32(bytes, start, Math.min(end, start + 4));
    const high = length > 4 ? word32(bytes, start + 4, Math.min(end, start + 8)) : 0;
    let hash = Math.imul(low, 0x9e3779b1) ^ Math.imul(high ^ (length << 24), 0x85ebca6b);
    for (let i = start + 8; i < end; i++) hash = Math.imul(hash ^ bytes[i]!, 0x01000193);
    for (let slot = (hash ^ (hash >>> 15)) & mask; ; slot = (slot + 1) & mask) {
      const entry = slot * STRIDE;
      const known = table[entry]! & 0xff;
      if (known === 0) return slot;
      if (
        known === length &&
        table[entry + LOW] === low &&
        table[entry + HIGH] === high &&
        (length <= 8 || sameText(table[entry + TEXT]!, bytes, start + 8, end))
      )
        return slot;
    }
  };
  return {
    copyIds(bytes, start, end, into, at) {
      asked = slotOf(bytes, start, end);
      const entry = asked * STRIDE;
      const many = table[entry]! >>> 8;
      if (table[entry] === 0) return -1;
      if (many <= INLINE_IDS) {
        into[at] = table[entry + IDS]!;
        if (many > 1) into[at + 1] = table[entry + IDS + 1]!;
        if (many > 2) into[at + 2] = table[entry + IDS + 2]!;
      } else {
        const kept = table[entry + IDS]!;
        for (let i = 0; i < many; i++) into[at + i] = ids[kept + i]!;
      }
      return at + many;
    },
    add(bytes, start, end, wordIds) {
      if (count === words || textEnd + LONGEST_KEPT_WORD > text.length || idsEnd + LONGEST_KEPT_WORD > ids.length) {
        table.fill(0);
        count = textEnd = idsEnd = 0;
        asked = slotOf(bytes, start, end);
      }
      count++;
      const length = end - start;
      const entry = asked * STRIDE;
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
 * Of an entry: length and how many ids; the first eight bytes; where the rest of the text is; three ids, or where more
 * of them are.
 */
const STRIDE = 8;
const LOW = 1;
const HIGH = 2;
const TEXT = 3;
const IDS = 4;
const INLINE_IDS = 3;
const MEAN_LONG_WORD_BYTES = 8;
const MEAN_MANY_IDS = 4;
