/**
 * From a line of `conversations.jsonl` to the text that is encoded: sixteen bytes at a time, without a string or an object for each message,
 * which a gigabyte has no time for. This is AssemblyScript, TypeScript's syntax for WebAssembly: `build.mjs` compiles it;
 * `../conversation-line.ts` is what calls it.
 */
export { arrange } from './memory';
export { viewLine } from './view-line';
export { clear, endStretch, hashLines, renderMessages, sayAll } from './render-messages';
