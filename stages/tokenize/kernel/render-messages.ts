import { GIVEN, HASHES, HASH_INPUT, NAME_END, NAME_START, NUMBER, SPEAKER, STRETCHES, STRETCH_COUNT, TEXT, TEXT_END, TEXT_LENGTH, TEXT_START, TIME_END, TIME_START, copy, messageAt, speakerAt } from './memory';
import { messages } from './view-line';

/** A part of the template, in 16 bytes: its kind, its label without the speaker, and the start and end of its text if it is a literal. */
export const PART_BYTES: usize = 16;
export const KIND: usize = 0;
export const LABEL: usize = 4;
export const START: usize = 8;
export const END: usize = 12;

/** Kinds of parts. */
export const LITERAL: u32 = 0;
export const NAME: u32 = 1;
export const MESSAGE: u32 = 2;
export const MILLISECONDS: u32 = 3;
export const SECONDS: u32 = 4;
/** A stamp that the caller has computed. The stamps are in order, each as its length in four bytes and its text. */
export const GIVEN_STAMP: u32 = 5;

/** All speakers with higher numbers share this one. */
const MOST_SPEAKERS: u32 = (1 << 14) - 1;

/** End of the text, and the number of its stretches with one label each. A stretch is stored as its end and its label, four bytes each. */
let textEnd: usize = 0;
let stretches: u32 = 0;
let given: usize = 0;

export function clear(): void {
  textEnd = TEXT;
  stretches = 0;
  storeCounts();
}

/** Adds bytes to the text that the caller has written after its end. */
export function endStretch(length: u32, label: u32): void {
  textEnd += length;
  if (length > 0) noteStretch(label);
  storeCounts();
}

// @ts-ignore: decorator
@inline
function storeCounts(): void {
  store<u32>(TEXT_LENGTH, <u32>(textEnd - TEXT));
  store<u32>(STRETCH_COUNT, stretches);
}

/** Renders the messages from `first` to before `end` as lines that end with LF. The template's parts are from `parts` to `partsEnd`. */
export function renderMessages(first: u32, end: u32, parts: usize, partsEnd: usize, textLabel: u32): void {
  given = GIVEN;
  for (let i = first; i < end; i++) {
    const message = messageAt(i);
    const speaker = speakerAt(load<u32>(message, SPEAKER));
    const number = min(load<u32>(speaker, NUMBER), MOST_SPEAKERS);
    if (number === 0) {
      put(load<u32>(message, TEXT_START), load<u32>(message, TEXT_END), textLabel);
    } else {
      for (let part = parts; part < partsEnd; part += PART_BYTES) renderPart(part, message, speaker, number);
    }
    // The line end is labelled as text of the speaker, who also decides when a message ends.
    store<u8>(textEnd++, 0x0a);
    noteStretch(textLabel | number);
  }
  storeCounts();
}

// @ts-ignore: decorator
@inline
function renderPart(part: usize, message: usize, speaker: usize, number: u32): void {
  const label = load<u32>(part, LABEL) | number;
  switch (load<u32>(part, KIND)) {
    case LITERAL:
      return put(load<u32>(part, START), load<u32>(part, END), label);
    case NAME:
      return put(load<u32>(speaker, NAME_START), load<u32>(speaker, NAME_END), label);
    case MESSAGE:
      return put(load<u32>(message, TEXT_START), load<u32>(message, TEXT_END), label);
    case MILLISECONDS:
      return put(load<u32>(message, TIME_START), load<u32>(message, TIME_END), label);
    case SECONDS: {
      // All digits but the last three.
      const start = load<u32>(message, TIME_START);
      const end = load<u32>(message, TIME_END);
      if (end > start + 3) return put(start, end - 3, label);
      return putZero(label);
    }
    case GIVEN_STAMP: {
      const start = given + 4;
      given = start + load<u32>(given);
      return put(start, given, label);
    }
  }
}

// @ts-ignore: decorator
@inline
function put(start: usize, end: usize, label: u32): void {
  if (start === end) return;
  textEnd = copy(start, end, textEnd);
  noteStretch(label);
}

function putZero(label: u32): void {
  store<u8>(textEnd++, 0x30);
  noteStretch(label);
}

/** Notes a stretch that ends at the end of the text. Extends the previous stretch if it has the same label. */
// @ts-ignore: decorator
@inline
function noteStretch(label: u32): void {
  const last = STRETCHES + (<usize>stretches << 3);
  if (stretches > 0 && load<u32>(last - 4) === label) {
    store<u32>(last - 8, <u32>(textEnd - TEXT));
  } else {
    store<u32>(last, <u32>(textEnd - TEXT));
    store<u32>(last, label, 4);
    stretches++;
  }
}

/** Appends the name, tab, text and LF of each message to the `length` bytes of hash input already written. Returns the total length. */
export function writeHashInput(length: u32): u32 {
  let address = HASH_INPUT + length;
  for (let i: u32 = 0; i < messages; i++) {
    const message = messageAt(i);
    const speaker = speakerAt(load<u32>(message, SPEAKER));
    address = copy(load<u32>(speaker, NAME_START), load<u32>(speaker, NAME_END), address);
    store<u8>(address++, 0x09);
    address = copy(load<u32>(message, TEXT_START), load<u32>(message, TEXT_END), address);
    store<u8>(address++, 0x0a);
  }
  return <u32>(address - HASH_INPUT);
}

/** Writes 53-bit hashes of the long texts, as doubles. Returns their number. */
export function hashLines(first: u32, end: u32, longChars: u32): u32 {
  let hashCount: u32 = 0;
  for (let i = first; i < end; i++) {
    const start: usize = load<u32>(messageAt(i), TEXT_START);
    const stop: usize = load<u32>(messageAt(i), TEXT_END);
    if (<u32>(stop - start) < longChars || !isLong(start, stop, longChars)) continue;
    store<f64>(HASHES + (<usize>hashCount << 3), <f64>(hashOf(start, stop) >> 11));
    hashCount++;
  }
  return hashCount;
}

/** Whether a text has at least `longChars` characters, which are one to four bytes each. */
function isLong(start: usize, end: usize, longChars: u32): bool {
  let left = longChars;
  for (; start < end; start++) if ((load<u8>(start) & 0xc0) !== 0x80 && --left === 0) return true;
  return false;
}

/** Hashes eight bytes at a time; the last eight may overlap the previous ones. `end` must be at least 8 beyond `start`. */
function hashOf(start: usize, end: usize): u64 {
  let hash: u64 = 0x9e3779b97f4a7c15 ^ (end - start);
  for (let at = start; at < end; at += 8) {
    hash = (hash ^ load<u64>(at + 8 <= end ? at : end - 8)) * 0xc2b2ae3d27d4eb4f;
    hash ^= hash >> 32;
  }
  return hash;
}
