/**
 * Turns a line of `conversations.jsonl` into the text to encode. It works on sixteen bytes at a time and creates no string or object per
 * message, which would be too slow for gigabytes. This file is AssemblyScript, a TypeScript-like language for WebAssembly, compiled by
 * `build.mjs` and called by `../conversation-line.ts`.
 */
export { arrange } from './memory';
export { viewLine } from './view-line';
export { clear, endStretch, hashLines, renderMessages, writeHashInput } from './render-messages';

// The memory layout, for `../line-memory.ts`. Constants become exported globals.
export {
  MESSAGE_BYTES,
  MESSAGE_COUNT,
  NAME_BYTES,
  NAME_END,
  NAME_START,
  NUMBER,
  SPEAKER,
  SPEAKER_BYTES,
  SPEAKER_COUNT,
  STRETCH_COUNT,
  TEXT_END,
  TEXT_LENGTH,
  TEXT_START,
  TIME_END,
  TIME_START,
} from './memory';
export { ODD_TIMES, OTHER_FORM, SIMPLE } from './view-line';
export { END, GIVEN_STAMP, KIND, LABEL, LITERAL, MESSAGE, MILLISECONDS, NAME, PART_BYTES, SECONDS, START } from './render-messages';
