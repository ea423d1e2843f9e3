/**
 * From a line of `conversations.jsonl` to the text that is encoded: sixteen bytes at a time, without a string or an object for each message,
 * which a gigabyte has no time for. This is AssemblyScript, TypeScript's syntax for WebAssembly: `build.mjs` compiles it;
 * `../conversation-line.ts` is what calls it.
 */
export { arrange } from './memory';
export { viewLine } from './view-line';
export { clear, endStretch, hashLines, renderMessages, writeHashInput } from './render-messages';

// The layout of the memory, for `../line-memory.ts`: constants become exported globals.
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
