/**
 * Encodes plain words, which make up nearly all text: words of at most 15 ASCII bytes, split as `word-scanner.ts` splits them. It finds
 * them 64 bytes at a time and caches their ids in a table. It leaves all other words to the caller.
 *
 * This file is AssemblyScript, a TypeScript-like language for WebAssembly, compiled by `build.mjs`. The memory layout follows. Exported
 * constants become exported globals, which `../plain-words.ts` reads.
 */
export const WINDOW_BYTES: usize = 1 << 16;
/** `encode` may read this many bytes beyond the text. */
export const MARGIN_BYTES: usize = 16;
export const TEXT: usize = 1024; // WINDOW_BYTES and MARGIN_BYTES
export const IDS: usize = TEXT + WINDOW_BYTES + 64; // two bytes for each byte of text; 12 more may be written
const NUMBERS: usize = 1 << 18;
const BYTE_JOINTS: usize = NUMBERS + (1 << 17); // 128 · 128 · 4 bytes
const PAIRS: usize = 1 << 19;
const WORDS: usize = 1 << 21;

/** Where `encode` stores the address after the last id. */
export const IDS_END: usize = 16;

/**
 * Encodes words from `word` on, up to the first one that is not plain or begins at `limit` or later. Returns where that word begins. The
 * text ends at `end`; if it continues beyond, pass a `limit` MARGIN_BYTES before `end`. Writes the ids to `out`, two bytes each.
 */
export function encode(word: usize, limit: usize, end: usize, out: usize): usize {
  idsEnd = out;
  let singlyUntil = word; // up to here, encode the words one at a time
  while (word < limit) {
    if (word >= singlyUntil && end - word >= 64) {
      const after = encodeChunk(word, end);
      if (after > word) {
        word = after;
        continue;
      }
      singlyUntil = word + 16;
    }
    const length = wordLength(word, end);
    if (length === 0) break;
    encodeWord(word, length, isDigit(load<u8>(word + length - 1)));
    word += length;
  }
  store<u32>(IDS_END, <u32>idsEnd);
  return word;
}

let idsEnd: usize = 0;

// @ts-ignore: decorator
@inline
function encodeWord(word: usize, length: u32, endsInDigit: bool): void {
  const bytes = v128.and(v128.load(word), v128.load(ONES + 16 - length));
  const low: u64 = i64x2.extract_lane(bytes, 0);
  const high: u64 = i64x2.extract_lane(bytes, 1);
  let hash = (low ^ (<u64>length << 56)) * 0x9e3779b97f4a7c15 + high * 0xc2b2ae3d27d4eb4f;
  hash ^= hash >> 32;
  // Time stamps are numerous, and each occurs only in a few adjacent lines. They have their own table, so that they do not fill up the words'.
  const isNumber = endsInDigit && length > 5;
  let entry = isNumber ? NUMBERS + (<usize>hash & (NUMBER_SLOTS - 1)) * ENTRY_BYTES : WORDS + (<usize>hash & (WORD_SLOTS - 1)) * ENTRY_BYTES;
  for (;;) {
    const lengths = load<u32>(entry, LENGTHS);
    if (load<u64>(entry) === low && load<u64>(entry, 8) === high && (lengths & 0xff) === length) {
      store<u64>(idsEnd, load<u64>(entry, ENTRY_IDS));
      store<u32>(idsEnd, load<u32>(entry, ENTRY_IDS + 8), 8);
      idsEnd += <usize>(lengths >>> 8) << 1;
      return;
    }
    if (lengths === 0 || isNumber) break;
    entry = entry === LAST_WORD ? WORDS : entry + ENTRY_BYTES;
  }
  const idCount = merge(word, length, idsEnd);
  if (words === MAX_WORDS) forgetWords();
  else if (idCount <= MAX_IDS) {
    if (!isNumber) words++;
    store<u64>(entry, low);
    store<u64>(entry, high, 8);
    store<u32>(entry, length | (idCount << 8), LENGTHS);
    store<u64>(entry, load<u64>(idsEnd), ENTRY_IDS);
    store<u32>(entry, load<u32>(idsEnd, 8), ENTRY_IDS + 8);
  }
  idsEnd += <usize>idCount << 1;
}

function forgetWords(): void {
  memory.fill(WORDS, 0, WORD_SLOTS * ENTRY_BYTES);
  words = 0;
}

/** An entry: the word, padded with zeros; its length and the number of its ids; the ids. Half a cache line. A free entry is all zeros. */
const ENTRY_BYTES: usize = 32;
const LENGTHS: usize = 16;
const ENTRY_IDS: usize = 20;
const MAX_IDS: u32 = 6;

const WORD_SLOTS: usize = 1 << 18;
const LAST_WORD: usize = WORDS + (WORD_SLOTS - 1) * ENTRY_BYTES;
/** Half of the slots stay free, so that probing is short. */
const MAX_WORDS: u32 = 1 << 17;
let words: u32 = 0;
/** Numbers are not probed for: each overwrites whatever is in its slot. */
const NUMBER_SLOTS: usize = 1 << 12;

/** 16 bytes of ones and 16 of zeros. Loaded from the right offset, they mask the bytes after a word. */
const ONES: usize = 64;
memory.fill(ONES, 0xff, 16);

// --- 64 bytes of words -------------------------------------------------------------------------------------

/** Encodes the words that end within the 64 bytes from `word` on. Returns the address after them, or `word` if there are none or a byte is not ASCII. */
// @ts-ignore: decorator
@inline
function encodeChunk(word: usize, end: usize): usize {
  const a = v128.load(word);
  const b = v128.load(word, 16);
  const c = v128.load(word, 32);
  const d = v128.load(word, 48);
  if (i8x16.bitmask(v128.or(v128.or(a, b), v128.or(c, d))) !== 0) return word;
  const letters = joined(lettersIn(a), lettersIn(b), lettersIn(c), lettersIn(d));
  const digits = joined(digitsIn(a), digitsIn(b), digitsIn(c), digitsIn(d));
  const blanks = joined(equalIn(a, BLANK), equalIn(b, BLANK), equalIn(c, BLANK), equalIn(d, BLANK));
  const spaces = blanks | joined(controlSpacesIn(a), controlSpacesIn(b), controlSpacesIn(c), controlSpacesIn(d));
  const others = ~(letters | digits | spaces);
  // A word begins where the class changes. The last character of white space is a word of its own, or, if it is a blank, belongs to the next word.
  let starts = ~((letters & (letters << 1)) | (digits & (digits << 1)) | (spaces & (spaces << 1)) | (others & (others << 1)));
  const last = spaces & ~(spaces >> 1);
  starts = (starts | last) & ~((last & blanks) << 1);
  const apostrophes = joined(equalIn(a, APOSTROPHE), equalIn(b, APOSTROPHE), equalIn(c, APOSTROPHE), equalIn(d, APOSTROPHE)) & starts & DECIDED;
  if (apostrophes !== 0) starts = withContractions(starts, apostrophes, word, end);
  let rest = starts & DECIDED & ~(<u64>1);
  let from: u64 = 0;
  while (rest !== 0) {
    const to = ctz(rest);
    if (to - from > 15) break;
    encodeWord(word + <usize>from, <u32>(to - from), ((digits >> (to - 1)) & 1) !== 0);
    from = to;
    rest &= rest - 1;
  }
  return word + <usize>from;
}

/** All but the last three bytes: whether a word begins there depends on the bytes that follow. */
const DECIDED: u64 = 0x1fffffffffffffff;

function withContractions(starts: u64, apostrophes: u64, word: usize, end: usize): u64 {
  for (; apostrophes !== 0; apostrophes &= apostrophes - 1) {
    const index = ctz(apostrophes);
    const length = contractionLength(word + <usize>index, end);
    if (length > 0) starts = (starts & ~(<u64>2 << index)) | (<u64>1 << (index + length));
  }
  return starts;
}

// @ts-ignore: decorator
@inline
function joined(a: i32, b: i32, c: i32, d: i32): u64 {
  return <u64>a | (<u64>b << 16) | (<u64>c << 32) | (<u64>d << 48);
}

// @ts-ignore: decorator
@inline
function lettersIn(bytes: v128): i32 {
  return i8x16.bitmask(i8x16.lt_u(i8x16.sub(v128.or(bytes, i8x16.splat(0x20)), i8x16.splat(0x61)), i8x16.splat(26)));
}

// @ts-ignore: decorator
@inline
function digitsIn(bytes: v128): i32 {
  return i8x16.bitmask(i8x16.lt_u(i8x16.sub(bytes, i8x16.splat(0x30)), i8x16.splat(10)));
}

/** White space other than the blank. */
// @ts-ignore: decorator
@inline
function controlSpacesIn(bytes: v128): i32 {
  return i8x16.bitmask(i8x16.lt_u(i8x16.sub(bytes, i8x16.splat(9)), i8x16.splat(5)));
}

// @ts-ignore: decorator
@inline
function equalIn(bytes: v128, byte: u8): i32 {
  return i8x16.bitmask(i8x16.eq(bytes, i8x16.splat(byte)));
}

// --- one word ----------------------------------------------------------------------------------------------

/** Length of the word that begins here; 0 if it is not plain. */
function wordLength(word: usize, end: usize): u32 {
  const bytes = v128.load(word);
  const inside: u32 = end - word >= 16 ? 0xffff : (1 << <u32>(end - word)) - 1;
  const letters: u32 = lettersIn(bytes) & inside;
  const digits: u32 = digitsIn(bytes) & inside;
  const spaces: u32 = (equalIn(bytes, BLANK) | controlSpacesIn(bytes)) & inside;
  const nonAscii: u32 = i8x16.bitmask(bytes) & inside;
  const skipped: u32 = load<u8>(word) === BLANK ? 1 : 0;
  if ((spaces >> skipped) & 1) {
    const run = ctz(~spaces);
    if (run > 15 || word + run >= end || (nonAscii >> run) & 1) return 0;
    return run > 1 ? run - 1 : 1;
  }
  const contraction = load<u8>(word) === APOSTROPHE ? contractionLength(word, end) : 0;
  if (contraction > 0) return contraction;
  const bit: u32 = 1 << skipped;
  const same = letters & bit ? letters : digits & bit ? digits : ~(letters | digits | spaces | nonAscii) & inside;
  const run = ctz(~(same >> skipped));
  const length = run + skipped;
  return run === 0 || length > 15 || (nonAscii >> length) & 1 ? 0 : length;
}

function contractionLength(word: usize, end: usize): u32 {
  const left = end - word;
  if (left < 2) return 0;
  const first = load<u8>(word, 1);
  if (first === 0x73 || first === 0x74 || first === 0x6d || first === 0x64) return 2; // s t m d
  if (left < 3) return 0;
  const second = load<u8>(word, 2);
  if ((first === 0x72 || first === 0x76) && second === 0x65) return 3; // re ve
  return first === 0x6c && second === 0x6c ? 3 : 0; // ll
}

// @ts-ignore: decorator
@inline
function isDigit(byte: u8): bool {
  return byte - 0x30 < 10;
}

const BLANK: u8 = 0x20;
const APOSTROPHE: u8 = 0x27;

// --- merging -----------------------------------------------------------------------------------------------

/** Sets the id of a single byte. */
export function setByteId(byte: u32, id: u32): void {
  store<u16>(BYTE_IDS + (byte << 1), <u16>id);
}

/** Call it after adding all pairs. It fills the table of joints of two ASCII bytes, which then need no search. */
export function endPairs(): void {
  for (let left: u32 = 0; left < 128; left++) {
    for (let right: u32 = 0; right < 128; right++) {
      const slot = pairSlot(load<u16>(BYTE_IDS + (left << 1)), load<u16>(BYTE_IDS + (right << 1)));
      store<u32>(byteJoint(left, right), load<u32>(slot, JOINED));
    }
  }
}

// @ts-ignore: decorator
@inline
function byteJoint(left: u32, right: u32): usize {
  return BYTE_JOINTS + (((left << 7) | right) << 2);
}

/** Adds a pair of ids that merge into one id. Call it for all pairs, in the order of their ranks. */
export function addPair(left: u32, right: u32, id: u32): void {
  const slot = pairSlot(left, right);
  if (load<u32>(slot, JOINED) === NONE) {
    store<u32>(slot, (left << 16) | right);
    store<u32>(slot, (rank << 16) | id, JOINED);
  }
  rank++;
}

let rank: u32 = 0;

/** Writes the ids of a word to `out`, the same as `byte-pair-merge.ts`. Returns their number. */
function merge(word: usize, length: u32, out: usize): u32 {
  for (let i: u32 = 0; i < length; i++) store<u32>(PIECES + (i << 2), load<u16>(BYTE_IDS + (<u32>load<u8>(word + i) << 1)));
  for (let i: u32 = 0; i + 1 < length; i++) store<u32>(JOINTS + (i << 2), load<u32>(byteJoint(load<u8>(word + i), load<u8>(word + i + 1))));
  let idCount = length;
  for (;;) {
    let best: u32 = 0;
    let lowest = NONE;
    for (let i: u32 = 0; i + 1 < idCount; i++) {
      const joint = load<u32>(JOINTS + (i << 2));
      if (joint < lowest) {
        lowest = joint;
        best = i;
      }
    }
    if (lowest === NONE) break;
    store<u32>(PIECES + (best << 2), lowest & 0xffff);
    idCount--;
    for (let i = best + 1; i < idCount; i++) {
      store<u32>(PIECES + (i << 2), load<u32>(PIECES + (i << 2), 4));
      store<u32>(JOINTS + (i << 2), load<u32>(JOINTS + (i << 2), 4));
    }
    if (best > 0) store<u32>(JOINTS + ((best - 1) << 2), jointAt(best - 1));
    if (best + 1 < idCount) store<u32>(JOINTS + (best << 2), jointAt(best));
  }
  for (let i: u32 = 0; i < idCount; i++) store<u16>(out + (i << 1), load<u16>(PIECES + (i << 2)));
  return idCount;
}

/** The merge of piece `i` with the next one, as rank · 65,536 + id; `NONE` if they do not merge. */
// @ts-ignore: decorator
@inline
function jointAt(i: u32): u32 {
  return load<u32>(pairSlot(load<u32>(PIECES + (i << 2)), load<u32>(PIECES + (i << 2), 4)), JOINED);
}

/** The slot of a pair, or the free slot where it would go. */
// @ts-ignore: decorator
@inline
function pairSlot(left: u32, right: u32): usize {
  const pair = (left << 16) | right;
  let slot = PAIRS + (<usize>((pair * 0x9e3779b1) >>> 15) << 3);
  while (load<u32>(slot) !== pair && load<u32>(slot, JOINED) !== NONE) slot = slot === LAST_PAIR ? PAIRS : slot + 8;
  return slot;
}

const NONE: u32 = 0xffffffff;
/** Offset in a pair's entry: the two ids come first, then the rank and id of their merge. */
const JOINED: usize = 4;
const PAIR_SLOTS: usize = 1 << 17;
const LAST_PAIR: usize = PAIRS + (PAIR_SLOTS - 1) * 8;
memory.fill(PAIRS, 0xff, PAIR_SLOTS * 8);

/** Scratch memory of `merge`: the ids of the word's pieces, and the merge of each with the next one. */
const PIECES: usize = 128;
const JOINTS: usize = 192;
const BYTE_IDS: usize = 256; // 512 bytes
