/**
 * OpenAI's pattern for words, applied to UTF-8 bytes: English contractions, optional space + letters, optional space +
 * digits, optional space + other, white space. As a regular expression:
 *
 *     's|'t|'re|'ve|'m|'ll|'d| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+
 *
 * where `\s` is the Unicode property White_Space. (JavaScript's `\s` differs: it lacks U+0085 and includes U+FEFF.)
 */

/**
 * The end of the word that begins at `start`. `bytes` up to `end` must be complete, well-formed characters, and `start`
 * must be less than `end`.
 */
export function wordEnd(bytes: Uint8Array, start: number, end: number): number {
  let position = start;
  let kind = classAt(bytes, position);
  if (kind === SPACE) {
    const last = lastOfSpaces(bytes, start, end);
    if (last === end || last > start) return last;
    const next = start + lengthOf(bytes[start]!);
    if (bytes[start] !== BLANK) return next;
    position = next;
    kind = classAt(bytes, position);
  } else if (bytes[start] === APOSTROPHE) {
    const length = contractionLength(bytes, start, end);
    if (length > 0) return start + length;
  }
  position += lengthOf(bytes[position]!);
  while (position < end) {
    const byte = bytes[position]!;
    if (byte < 0x80) {
      if (ASCII_CLASSES[byte] !== kind) return position;
      position++;
    } else {
      if (classAt(bytes, position) !== kind) return position;
      position += lengthOf(byte);
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

/** The start of the last character of the white space at `start`, or `end` if nothing follows the white space. */
function lastOfSpaces(bytes: Uint8Array, start: number, end: number): number {
  let last = start;
  for (let position = start; position < end; position += lengthOf(bytes[position]!)) {
    if (classAt(bytes, position) !== SPACE) return last;
    last = position;
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

function classAt(bytes: Uint8Array, position: number): number {
  const byte = bytes[position]!;
  return byte < 0x80 ? ASCII_CLASSES[byte]! : classOfCode(codePointAt(bytes, position, byte));
}

/** Length in bytes of the character that begins with this byte. */
const lengthOf = (byte: number): number => (byte < 0x80 ? 1 : byte < 0xe0 ? 2 : byte < 0xf0 ? 3 : 4);

function codePointAt(bytes: Uint8Array, position: number, byte: number): number {
  if (byte < 0xe0) return ((byte & 0x1f) << 6) | (bytes[position + 1]! & 0x3f);
  if (byte < 0xf0) return ((byte & 0x0f) << 12) | ((bytes[position + 1]! & 0x3f) << 6) | (bytes[position + 2]! & 0x3f);
  return (
    ((byte & 0x07) << 18) |
    ((bytes[position + 1]! & 0x3f) << 12) |
    ((bytes[position + 2]! & 0x3f) << 6) |
    (bytes[position + 3]! & 0x3f)
  );
}

/** Classes of characters in pages of 256. A page is computed when one of its characters first occurs. */
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
