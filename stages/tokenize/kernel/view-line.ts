import { LINE, MESSAGE_COUNT, NAMES, NAME_BYTES, NAME_END, NAME_START, SPEAKER, SPEAKER_COUNT, TEXT_END, TEXT_START, TIME_END, TIME_START, lastName, messageAt, speakerAt } from './memory';

export let messages: u32 = 0;
let speakers: u32 = 0;
/** Number of the current line. Entries for other lines are free, so the table of names is never cleared. */
let line: u32 = 0;

/** End of the last string read, after unescaping. */
let unescapedEnd: usize = 0;
/** Whether the last time read is neither a whole number of at most 15 digits nor null. */
let isOdd: bool = false;

/** Return values of `viewLine`. This one: the line is not in the form that `conversationLine` writes. */
export const OTHER_FORM: u32 = 0;
export const SIMPLE: u32 = 1;
/** Some times are not whole numbers of at most 15 digits. */
export const ODD_TIMES: u32 = 2;

/**
 * Finds the messages of a conversation in its line: `length` bytes of well-formed UTF-8 without the LF, in exactly the form that
 * `conversationLine` writes. Strings are unescaped in place. An unpaired surrogate becomes U+FFFD.
 */
export function viewLine(length: u32): u32 {
  messages = speakers = 0;
  line++;
  const end = LINE + length;
  store<u8>(end, LF); // stops every search at the end of the line
  if (load<u64>(LINE) << 8 !== ID) return OTHER_FORM;
  let at = endOfString(LINE + 7);
  if (at === 0 || load<u64>(at) !== MESSAGES_1 || load<u32>(at + 8) !== MESSAGES_2 || load<u8>(at + 12) !== OPENING_BRACKET) return OTHER_FORM;
  at += 13;
  let areTimesOdd = false;
  if (load<u8>(at) === OPENING_BRACE) {
    for (;;) {
      const time = viewName(at);
      if (time === 0) return OTHER_FORM;
      at = endOfTime(time);
      areTimesOdd = areTimesOdd || isOdd;
      at = viewText(at);
      if (at === 0) return OTHER_FORM;
      messages++;
      if (load<u8>(at) !== COMMA) break;
      at++;
    }
  }
  if (load<u8>(at) !== CLOSING_BRACKET || load<u8>(at + 1) !== CLOSING_BRACE || at + 2 !== end) return OTHER_FORM;
  store<u32>(MESSAGE_COUNT, messages);
  store<u32>(SPEAKER_COUNT, speakers);
  return areTimesOdd ? ODD_TIMES : SIMPLE;
}

/** Reads the name of a message that begins at `at`. Returns the address of its time; 0 if it has another form. */
// @ts-ignore: decorator
@inline
function viewName(at: usize): usize {
  if (load<u64>(at) !== FROM || load<u8>(at + 8) !== QUOTE) return 0;
  const after = endOfString(at + 9);
  if (after === 0 || load<u64>(after) !== TIME) return 0;
  store<u32>(messageAt(messages), speakerNamed(at + 9, unescapedEnd), SPEAKER);
  return after + 8;
}

/** Reads the text of a message from the end of its time. Returns the address after the message; 0 if it has another form. */
// @ts-ignore: decorator
@inline
function viewText(at: usize): usize {
  if (load<u64>(at) !== TEXT || load<u8>(at + 8) !== QUOTE) return 0;
  const after = endOfString(at + 9);
  if (after === 0 || load<u8>(after) !== CLOSING_BRACE) return 0;
  store<u32>(messageAt(messages), <u32>at + 9, TEXT_START);
  store<u32>(messageAt(messages), <u32>unescapedEnd, TEXT_END);
  return after + 1;
}

/** The address after a time. If the time is odd, the caller must find out its value, and whether it is a number at all. */
// @ts-ignore: decorator
@inline
function endOfTime(time: usize): usize {
  let at = time;
  while (load<u8>(at) - 0x30 < 10) at++;
  isOdd = load<u8>(at) !== COMMA || at === time || at - time > 15 || (load<u8>(time) === 0x30 && at > time + 1);
  const isNone = isOdd && load<u32>(time) === NULL && load<u8>(time + 4) === COMMA;
  if (isNone) {
    isOdd = false;
    at = time + 4;
  } else {
    while (load<u8>(at) !== COMMA && load<u8>(at) !== LF) at++;
  }
  store<u32>(messageAt(messages), <u32>time, TIME_START);
  store<u32>(messageAt(messages), <u32>(isNone ? time : at), TIME_END);
  return at;
}

/** Index of a speaker. Usually it is one of the last few; a table of names finds the others. */
// @ts-ignore: decorator
@inline
function speakerNamed(start: usize, end: usize): u32 {
  for (let i = speakers, left = 4; i > 0 && left > 0; i--, left--) if (isNamed(i - 1, start, end)) return i - 1;
  return speakerInTable(start, end);
}

function speakerInTable(start: usize, end: usize): u32 {
  let hash: u32 = 0x811c9dc5;
  for (let at = start; at < end; at++) hash = (hash ^ load<u8>(at)) * 0x01000193;
  for (let slot = hash ^ (hash >> 15); ; slot++) {
    const entry = NAMES + <usize>(slot & lastName) * NAME_BYTES;
    if (load<u32>(entry) !== line) {
      store<u32>(entry, line);
      store<u32>(entry, speakers, 4);
      break;
    }
    const speaker = load<u32>(entry, 4);
    if (isNamed(speaker, start, end)) return speaker;
  }
  store<u32>(speakerAt(speakers), <u32>start, NAME_START);
  store<u32>(speakerAt(speakers), <u32>end, NAME_END);
  return speakers++;
}

// @ts-ignore: decorator
@inline
function isNamed(i: u32, start: usize, end: usize): bool {
  const name: usize = load<u32>(speakerAt(i), NAME_START);
  return load<u32>(speakerAt(i), NAME_END) - <u32>name === <u32>(end - start) && isSame(start, end, name);
}

function isSame(start: usize, end: usize, other: usize): bool {
  for (; start < end; start++, other++) if (load<u8>(start) !== load<u8>(other)) return false;
  return true;
}

// --- strings -----------------------------------------------------------------------------------------------

/** The address after the closing quote of a string, given that of its first byte; 0 if there is none. */
// @ts-ignore: decorator
@inline
function endOfString(start: usize): usize {
  let at = start;
  for (;;) {
    const bytes = v128.load(at);
    const special = v128.or(v128.or(i8x16.eq(bytes, i8x16.splat(QUOTE)), i8x16.eq(bytes, i8x16.splat(BACKSLASH))), i8x16.lt_u(bytes, i8x16.splat(0x20)));
    const ends = i8x16.bitmask(special);
    if (ends !== 0) {
      at += ctz(ends);
      break;
    }
    at += 16;
  }
  unescapedEnd = at;
  const byte = load<u8>(at);
  return byte === QUOTE ? at + 1 : byte === BACKSLASH ? unescape(at) : 0;
}

/** Continues `endOfString` from the first escape on, and unescapes the string in place. */
function unescape(at: usize): usize {
  let to = at;
  while (true) {
    const byte = load<u8>(at);
    if (byte === QUOTE) {
      unescapedEnd = to;
      return at + 1;
    }
    if (byte < 0x20) return 0;
    if (byte !== BACKSLASH) {
      store<u8>(to++, byte);
      at++;
      continue;
    }
    const escaped = load<u8>(at + 1);
    if (escaped === 0x75) {
      const code = codeAt(at);
      if (code < 0) return 0;
      at += code > 0xffff ? 12 : 6;
      to = putCode(code, to);
    } else {
      const original = unescapedByte(escaped);
      if (original === 0) return 0;
      store<u8>(to++, original);
      at += 2;
    }
  }
}

/** The byte that a backslash and `escaped` stand for; 0 if they are not a valid escape. */
function unescapedByte(escaped: u8): u8 {
  switch (escaped) {
    case 0x22: // the quote, the backslash, the slash
    case 0x5c:
    case 0x2f:
      return escaped;
    case 0x62: // b
      return 0x08;
    case 0x66: // f
      return 0x0c;
    case 0x6e: // n
      return 0x0a;
    case 0x72: // r
      return 0x0d;
    case 0x74: // t
      return 0x09;
    default:
      return 0;
  }
}

/** The code point of `\uXXXX`, or of two of them for a surrogate pair. U+FFFD for an unpaired surrogate; -1 if the escape is invalid. */
function codeAt(at: usize): i32 {
  const unit = unitAt(at + 2);
  if (unit < 0xd800 || unit > 0xdfff) return unit;
  const second = unit < 0xdc00 && load<u8>(at + 6) === BACKSLASH && load<u8>(at + 7) === 0x75 ? unitAt(at + 8) : 0;
  return second >= 0xdc00 && second <= 0xdfff ? 0x10000 + ((unit - 0xd800) << 10) + (second - 0xdc00) : 0xfffd;
}

function unitAt(at: usize): i32 {
  let unit: i32 = 0;
  for (let i = 0; i < 4; i++) {
    const byte = load<u8>(at + i);
    const letter = (byte | 0x20) - 0x61;
    if (byte - 0x30 < 10) unit = (unit << 4) | (byte - 0x30);
    else if (letter < 6) unit = (unit << 4) | (letter + 10);
    else return -1;
  }
  return unit;
}

/** Writes a code point in UTF-8, which is never longer than the escape. */
function putCode(code: i32, to: usize): usize {
  if (code < 0x80) {
    store<u8>(to, <u8>code);
    return to + 1;
  }
  if (code < 0x800) {
    store<u8>(to, <u8>(0xc0 | (code >> 6)));
    store<u8>(to, <u8>(0x80 | (code & 0x3f)), 1);
    return to + 2;
  }
  if (code < 0x10000) {
    store<u8>(to, <u8>(0xe0 | (code >> 12)));
    store<u8>(to, <u8>(0x80 | ((code >> 6) & 0x3f)), 1);
    store<u8>(to, <u8>(0x80 | (code & 0x3f)), 2);
    return to + 3;
  }
  store<u8>(to, <u8>(0xf0 | (code >> 18)));
  store<u8>(to, <u8>(0x80 | ((code >> 12) & 0x3f)), 1);
  store<u8>(to, <u8>(0x80 | ((code >> 6) & 0x3f)), 2);
  store<u8>(to, <u8>(0x80 | (code & 0x3f)), 3);
  return to + 4;
}

// --- bytes -------------------------------------------------------------------------------------------------

const LF: u8 = 0x0a;
const QUOTE: u8 = 0x22;
const BACKSLASH: u8 = 0x5c;
const COMMA: u8 = 0x2c;
const OPENING_BRACKET: u8 = 0x5b;
const CLOSING_BRACKET: u8 = 0x5d;
const OPENING_BRACE: u8 = 0x7b;
const CLOSING_BRACE: u8 = 0x7d;

// The bytes between the strings, as little-endian numbers.
const ID: u64 = 0x223a226469227b00; // {"id":" after a zero byte
const MESSAGES_1: u64 = 0x67617373656d222c; // ,"messag
const MESSAGES_2: u32 = 0x3a227365; // es":
const FROM: u64 = 0x3a226d6f7266227b; // {"from":
const TIME: u64 = 0x3a22656d6974222c; // ,"time":
const TEXT: u64 = 0x3a2274786574222c; // ,"text":
const NULL: u32 = 0x6c6c756e; // null
