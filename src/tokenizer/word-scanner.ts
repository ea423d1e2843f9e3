/**
 * OpenAI's pattern for words, over UTF-8 bytes: English contractions, optional space + letters, optional space +
 * digits, optional space + other, white space. As a regular expression it reads
 *
 *     's|'t|'re|'ve|'m|'ll|'d| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+
 *
 * where `\s` is the Unicode property White_Space (JavaScript's own `\s` lacks U+0085 and has U+FEFF).
 */

/**
 * Where the word that begins at `start` ends. `bytes` up to `end` must be whole, well-formed characters, and `start` <
 * `end`.
 */
export function wordEnd(bytes: Uint8Array, start: number, end: number): number {
  let at = start;
  let kind = classAt(bytes, at);
  if (kind === SPACE) {
    const last = lastOfSpaces(bytes, start, end);
    if (last === end || last > start) return last;
    const next = start + lengthOf(bytes[start]!);
    if (bytes[start] !== BLANK) return next;
    at = next;
    kind = classAt(bytes, at);
  } else if (bytes[start] === APOSTROPHE) {
    const length = contractionLength(bytes, start, end);
    if (length > 0) return start + length;
  }
  at += lengthOf(bytes[at]!);
  while (at < end) {
    const byte = bytes[at]!;
    if (byte < 0x80) {
      if (ASCII_CLASSES[byte] !== kind) return at;
      at++;
    } else {
      if (classAt(bytes, at) !== kind) return at;
      at += lengthOf(byte);
    }
  }
  return end;
}

const OTHER = 0;
const LETTER = 1;
const DIGIT = 2;
const SPACE = 3;
const BLANK = 0x20;
const APOSTROPHE = 0x27;

const ASCII_CLASSES = Uint8Array.from({ length: 128 }, (_, code) => classOf(code));

/** Of the white space that begins at `start`: where its last character begins if anything follows it, else `end`. */
function lastOfSpaces(bytes: Uint8Array, start: number, end: number): number {
  let last = start;
  for (let at = start; at < end; at += lengthOf(bytes[at]!)) {
    if (classAt(bytes, at) !== SPACE) return last;
    last = at;
  }
  return end;
}

function contractionLength(bytes: Uint8Array, start: number, end: number): number {
  if (start + 1 >= end) return 0;
  const first = bytes[start + 1]!;
  if (first === 0x73 || first === 0x74 || first === 0x6d || first === 0x64) return 2; // s t m d
  if (start + 2 >= end) return 0;
  const second = bytes[start + 2]!;
  if ((first === 0x72 || first === 0x76) && second === 0x65) return 3; // re ve
  return first === 0x6c && second === 0x6c ? 3 : 0; // ll
}

function classAt(bytes: Uint8Array, at: number): number {
  const byte = bytes[at]!;
  return byte < 0x80 ? ASCII_CLASSES[byte]! : classOfCode(codePointAt(bytes, at, byte));
}

/** Bytes of the character that begins with this one. */
const lengthOf = (byte: number): number => (byte < 0x80 ? 1 : byte < 0xe0 ? 2 : byte < 0xf0 ? 3 : 4);

function codePointAt(bytes: Uint8Array, at: number, byte: number): number {
  if (byte < 0xe0) return ((byte & 0x1f) << 6) | (bytes[at + 1]! & 0x3f);
  if (byte < 0xf0) return ((byte & 0x0f) << 12) | ((bytes[at + 1]! & 0x3f) << 6) | (bytes[at + 2]! & 0x3f);
  return (
    ((byte & 0x07) << 18) | ((bytes[at + 1]! & 0x3f) << 12) | ((bytes[at + 2]! & 0x3f) << 6) | (bytes[at + 3]! & 0x3f)
  );
}

/** A page of 256 characters is classed when the first of them is met. */
const pages: (Uint8Array | undefined)[] = new Array<undefined>(0x1100).fill(undefined);

function classOfCode(code: number): number {
  const page = (pages[code >> 8] ??= Uint8Array.from({ length: 256 }, (_, low) => classOf((code & ~0xff) | low)));
  return page[code & 0xff]!;
}

function classOf(code: number): number {
  const character = String.fromCodePoint(code);
  if (/\p{L}/u.test(character)) return LETTER;
  if (/\p{N}/u.test(character)) return DIGIT;
  return /\p{White_Space}/u.test(character) ? SPACE : OTHER;
}
