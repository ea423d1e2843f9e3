import type { Conversation } from '../../src/artifacts/conversations.ts';
import { findSource, type SourceFormat } from '../../src/sources/formats.ts';
import { checkTally, newTally, type Tally } from '../../src/sources/tally.ts';

/** Reads a whole source; the account must balance. */
export async function readSource(format: SourceFormat, path: string): Promise<{ conversations: Conversation[]; tally: Tally }> {
  const tally = newTally();
  const conversations: Conversation[] = [];
  for await (const conversation of findSource(format, path).read(tally)) conversations.push(conversation);
  checkTally(tally);
  return { conversations, tally };
}

/** `from: text` lines, for reading. */
export function said({ messages }: Conversation): string[] {
  return messages.map(({ from, text }) => `${from}: ${text}`);
}

/** How Facebook writes a string: each byte of its UTF-8 form as a character. */
export function asMojibake(text: string): string {
  return Array.from(new TextEncoder().encode(text), (byte) => String.fromCharCode(byte)).join('');
}
