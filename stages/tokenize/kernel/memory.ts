/** Addresses of the regions of this kernel's memory. The caller sets them by `arrange` whenever it makes room for a longer line. */
export let LINE: usize = 0;
export let MESSAGES: usize = 0;
export let SPEAKERS: usize = 0;
export let NAMES: usize = 0;
export let HASH_INPUT: usize = 0;
export let GIVEN: usize = 0;
export let STRETCHES: usize = 0;
export let HASHES: usize = 0;
export let TEXT: usize = 0;

/** `nameSlots`: number of slots in `NAMES`, a power of two. */
export function arrange(line: usize, messages: usize, speakers: usize, names: usize, nameSlots: u32, hashInput: usize, given: usize, stretches: usize, hashes: usize, text: usize): void {
  LINE = line;
  MESSAGES = messages;
  SPEAKERS = speakers;
  NAMES = names;
  lastName = nameSlots - 1;
  memory.fill(NAMES, 0, <usize>nameSlots * NAME_BYTES);
  HASH_INPUT = hashInput;
  GIVEN = given;
  STRETCHES = stretches;
  HASHES = hashes;
  TEXT = text;
}

/** Addresses of counts for the caller, four bytes each. */
export const MESSAGE_COUNT: usize = 16;
export const SPEAKER_COUNT: usize = 20;
export const TEXT_LENGTH: usize = 24;
export const STRETCH_COUNT: usize = 28;

/** A message, in 20 bytes: the index of its speaker, and the start and end of its time and of its text. A missing time has no bytes. */
export const MESSAGE_BYTES: usize = 20;
export const SPEAKER: usize = 0;
export const TIME_START: usize = 4;
export const TIME_END: usize = 8;
export const TEXT_START: usize = 12;
export const TEXT_END: usize = 16;

/** A speaker, in 12 bytes: the start and end of the name, and the number that the caller has set. */
export const SPEAKER_BYTES: usize = 12;
export const NAME_START: usize = 0;
export const NAME_END: usize = 4;
export const NUMBER: usize = 8;

/** A slot in the table of names, in 8 bytes: the number of the line for which it was written, and the index of the speaker. */
export const NAME_BYTES: usize = 8;
export let lastName: u32 = 0;

// @ts-ignore: decorator
@inline
export function messageAt(i: u32): usize {
  return MESSAGES + <usize>i * MESSAGE_BYTES;
}

// @ts-ignore: decorator
@inline
export function speakerAt(i: u32): usize {
  return SPEAKERS + <usize>i * SPEAKER_BYTES;
}

/** Returns the address after the copy. May overwrite up to 15 bytes beyond it. */
// @ts-ignore: decorator
@inline
export function copy(start: usize, end: usize, to: usize): usize {
  for (let at = start; at < end; at += 16) v128.store(to + (at - start), v128.load(at));
  return to + (end - start);
}
