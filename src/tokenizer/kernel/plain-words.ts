/**
 * The words that nearly all text is made of, as `word-scanner.ts` cuts them: at most 15 bytes of ASCII, found 64 bytes at a time, and a
 * table of the ids they were encoded to. All else is left to the caller.
 *
 * This is AssemblyScript, TypeScript's syntax for WebAssembly: `build.mjs` compiles it. The layout of its memory follows; exported
 * constants become exported globals, which `../plain-words.ts` reads.
 */
export const WINDOW_BYTES: usize = 1 << 16;
/** `encode` may read so many bytes beyond the text. */
export const MARGIN_BYTES: usize = 16;
export const TEXT: usize = 1024; // WINDOW_BYTES and MARGIN_BYTES
export const IDS: usize = TEXT + WINDOW_BYTES + 64; // two bytes for each byte of text; 12 more may be written
const NUMBERS: usize = 1 << 18;
const BYTE_JOINTS: usize = NUMBERS + (1 << 17); // 128 · 128 · 4 bytes
const PAIRS: usize = 1 << 19;
const WORDS: usize = 1 << 21;

/** Set by `encode`: the place after the last id. */
export const IDS_END: usize = 16;

/**
 * Encodes from `word` on, up to the first word that is not plain, or that begins at `limit` or later, and returns where that one begins. The
 * text ends at `end`, or goes on behind it if `limit` is MARGIN_BYTES before `end`. Two bytes an id go to `out`.
 */
export function encode(word: usize, limit: usize, end: usize, out: usize): usize {
  idsEnd = out;
  let beyond = word; // up to here one by one
  while (word < limit) {
    if (word >= beyond && end - word >= 64) {
      const after = encodeChunk(word, end);
      if (after > word) {
        word = after;
        continue;
      }
      beyond = word + 16;
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
  // Time stamps are many, and each is met in a few lines that stand near: among the words they would drive those out.
  const isNumber = endsInDigit && length > 5;
  let entry = isNumber ? NUMBERS + (<usize>hash & (NUMBER_PLACES - 1)) * ENTRY_BYTES : WORDS + (<usize>hash & (PLACES - 1)) * ENTRY_BYTES;
  for (;;) {
    const about = load<u32>(entry, ABOUT);
    if (load<u64>(entry) === low && load<u64>(entry, 8) === high && (about & 0xff) === length) {
      store<u64>(idsEnd, load<u64>(entry, ENTRY_IDS));
      store<u32>(idsEnd, load<u32>(entry, ENTRY_IDS + 8), 8);
      idsEnd += <usize>(about >>> 8) << 1;
      return;
    }
    if (about === 0 || isNumber) break;
    entry = entry === LAST_WORD ? WORDS : entry + ENTRY_BYTES;
  }
  const many = merge(word, length, idsEnd);
  if (words === MOST_WORDS) forgetWords();
  else if (many <= MOST_IDS) {
    if (!isNumber) words++;
    store<u64>(entry, low);
    store<u64>(entry, high, 8);
    store<u32>(entry, length | (many << 8), ABOUT);
    store<u64>(entry, load<u64>(idsEnd), ENTRY_IDS);
    store<u32>(entry, load<u32>(idsEnd, 8), ENTRY_IDS + 8);
  }
  idsEnd += <usize>many << 1;
}

function forgetWords(): void {
  memory.fill(WORDS, 0, PLACES * ENTRY_BYTES);
  words = 0;
}

/** An entry: the word, with zeros after it; its length and how many ids; the ids. Half a cache line; all zeros if it is free. */
const ENTRY_BYTES: usize = 32;
const ABOUT: usize = 16;
const ENTRY_IDS: usize = 20;
const MOST_IDS: u32 = 6;

const PLACES: usize = 1 << 18;
const LAST_WORD: usize = WORDS + (PLACES - 1) * ENTRY_BYTES;
/** Half of the places stay free, so that a free one is near. */
const MOST_WORDS: u32 = 1 << 17;
let words: u32 = 0;
/** A number takes the place of another one. */
const NUMBER_PLACES: usize = 1 << 12;

/** 16 bytes of ones and 16 of zeros: from the right place on they leave of 16 bytes those of the word. */
const ONES: usize = 64;
memory.fill(ONES, 0xff, 16);

// --- 64 bytes of words -------------------------------------------------------------------------------------

/** Encodes the words that lie whole in the 64 bytes from `word` on. Returns the place after them; `word` if there is none, or a byte beyond ASCII. */
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
  // A word begins where the class changes. White space leaves its last character to what follows; a blank becomes part of that.
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

/** Whether a word begins at one of the last three bytes depends on those that follow. */
const DECIDED: u64 = 0x1fffffffffffffff;

function withContractions(starts: u64, apostrophes: u64, word: usize, end: usize): u64 {
  for (; apostrophes !== 0; apostrophes &= apostrophes - 1) {
    const at = ctz(apostrophes);
    const length = contractionLength(word + <usize>at, end);
    if (length > 0) starts = (starts & ~(<u64>2 << at)) | (<u64>1 << (at + length));
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

/** White space but the blank. */
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

/** 0 if the word is not plain. */
function wordLength(word: usize, end: usize): u32 {
  const bytes = v128.load(word);
  const inside: u32 = end - word >= 16 ? 0xffff : (1 << <u32>(end - word)) - 1;
  const letters: u32 = lettersIn(bytes) & inside;
  const digits: u32 = digitsIn(bytes) & inside;
  const spaces: u32 = (equalIn(bytes, BLANK) | controlSpacesIn(bytes)) & inside;
  const beyond: u32 = i8x16.bitmask(bytes) & inside; // no ASCII
  const skipped: u32 = load<u8>(word) === BLANK ? 1 : 0;
  if ((spaces >> skipped) & 1) {
    const run = ctz(~spaces);
    if (run > 15 || word + run >= end || (beyond >> run) & 1) return 0;
    return run > 1 ? run - 1 : 1;
  }
  const contraction = load<u8>(word) === APOSTROPHE ? contractionLength(word, end) : 0;
  if (contraction > 0) return contraction;
  const bit: u32 = 1 << skipped;
  const same = letters & bit ? letters : digits & bit ? digits : ~(letters | digits | spaces | beyond) & inside;
  const run = ctz(~(same >> skipped));
  const length = run + skipped;
  return run === 0 || length > 15 || (beyond >> length) & 1 ? 0 : length;
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

/** Of a byte alone. */
export function setByteId(byte: u32, id: u32): void {
  store<u16>(BYTE_IDS + (byte << 1), <u16>id);
}

/** To be called when all pairs are there: what two bytes of ASCII become is known without a search. */
export function endPairs(): void {
  for (let left: u32 = 0; left < 128; left++) {
    for (let right: u32 = 0; right < 128; right++) {
      const place = pairSlot(load<u16>(BYTE_IDS + (left << 1)), load<u16>(BYTE_IDS + (right << 1)));
      store<u32>(byteJoint(left, right), load<u32>(place, JOINED));
    }
  }
}

// @ts-ignore: decorator
@inline
function byteJoint(left: u32, right: u32): usize {
  return BYTE_JOINTS + (((left << 7) | right) << 2);
}

/** Two ids that are joined to one; the pairs come in the order of their ranks. */
export function addPair(left: u32, right: u32, id: u32): void {
  const place = pairSlot(left, right);
  if (load<u32>(place, JOINED) === NONE) {
    store<u32>(place, (left << 16) | right);
    store<u32>(place, (rank << 16) | id, JOINED);
  }
  rank++;
}

let rank: u32 = 0;

/** The ids of a word go to `out`, as `byte-pair-merge.ts` makes them; returns how many there are. */
function merge(word: usize, length: u32, out: usize): u32 {
  for (let i: u32 = 0; i < length; i++) store<u32>(PIECES + (i << 2), load<u16>(BYTE_IDS + (<u32>load<u8>(word + i) << 1)));
  for (let i: u32 = 0; i + 1 < length; i++) store<u32>(JOINTS + (i << 2), load<u32>(byteJoint(load<u8>(word + i), load<u8>(word + i + 1))));
  let many = length;
  for (;;) {
    let best: u32 = 0;
    let lowest = NONE;
    for (let i: u32 = 0; i + 1 < many; i++) {
      const joint = load<u32>(JOINTS + (i << 2));
      if (joint < lowest) {
        lowest = joint;
        best = i;
      }
    }
    if (lowest === NONE) break;
    store<u32>(PIECES + (best << 2), lowest & 0xffff);
    many--;
    for (let i = best + 1; i < many; i++) {
      store<u32>(PIECES + (i << 2), load<u32>(PIECES + (i << 2), 4));
      store<u32>(JOINTS + (i << 2), load<u32>(JOINTS + (i << 2), 4));
    }
    if (best > 0) store<u32>(JOINTS + ((best - 1) << 2), jointAt(best - 1));
    if (best + 1 < many) store<u32>(JOINTS + (best << 2), jointAt(best));
  }
  for (let i: u32 = 0; i < many; i++) store<u16>(out + (i << 1), load<u16>(PIECES + (i << 2)));
  return many;
}

/** What piece `i` and the next one become: rank · 65,536 + id, `NONE` if they are not joined. */
// @ts-ignore: decorator
@inline
function jointAt(i: u32): u32 {
  return load<u32>(pairSlot(load<u32>(PIECES + (i << 2)), load<u32>(PIECES + (i << 2), 4)), JOINED);
}

/** Where the pair lies, or would. */
// @ts-ignore: decorator
@inline
function pairSlot(left: u32, right: u32): usize {
  const pair = (left << 16) | right;
  let place = PAIRS + (<usize>((pair * 0x9e3779b1) >>> 15) << 3);
  while (load<u32>(place) !== pair && load<u32>(place, JOINED) !== NONE) place = place === LAST_PAIR ? PAIRS : place + 8;
  return place;
}

const NONE: u32 = 0xffffffff;
/** Of a pair: both ids; rank and id of what they become. */
const JOINED: usize = 4;
const PAIR_PLACES: usize = 1 << 17;
const LAST_PAIR: usize = PAIRS + (PAIR_PLACES - 1) * 8;
memory.fill(PAIRS, 0xff, PAIR_PLACES * 8);

/** Of the word that is merged: its pieces' ids, and what each becomes with the next one. */
const PIECES: usize = 128;
const JOINTS: usize = 192;
const BYTE_IDS: usize = 256; // 512 bytes
