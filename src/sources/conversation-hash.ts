import type { Conversation } from '../artifacts/conversations.ts';

/**
 * A 64-bit hash of the senders, times and texts, as two halves. It leaves out the id, so that the same conversation in
 * two files has the same hash. `seed` selects another hash function. Not cryptographic.
 */
export function conversationHash({ messages }: Conversation, seed = 0): { high: number; low: number } {
  let a = 0xdeadbeef ^ seed;
  let b = 0x41c6ce57 ^ seed;
  const addText = (text: string): void => {
    for (let i = 0; i < text.length; i += 2) {
      const two = text.charCodeAt(i) | (text.charCodeAt(i + 1) << 16); // past the end it is NaN, which `|` treats as 0
      a = Math.imul(a ^ two, 0x9e3779b1);
      b = Math.imul(b ^ two ^ (b >>> 15), 0x5f356495);
    }
    addNumber(text.length);
  };
  const addNumber = (number: number): void => {
    a = Math.imul(a ^ (a >>> 15) ^ number, 0x85ebca77);
    b = Math.imul(b ^ (b >>> 13) ^ number, 0xc2b2ae3d);
  };
  for (const { from, time, text } of messages) {
    addText(from);
    addNumber(time === null ? -1 : time % 0x100000000);
    addNumber(time === null ? -1 : Math.floor(time / 0x100000000));
    addText(text);
  }
  a = Math.imul(a ^ (a >>> 16), 0x85ebca6b) ^ Math.imul(b ^ (b >>> 13), 0xc2b2ae35);
  b = Math.imul(b ^ (b >>> 16), 0x85ebca6b) ^ Math.imul(a ^ (a >>> 13), 0xc2b2ae35);
  return { high: b >>> 0, low: a >>> 0 };
}
