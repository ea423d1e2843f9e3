import { Type } from '@sinclair/typebox';
import { Value } from '@sinclair/typebox/value';
import type { Conversation } from '../../src/artifacts/conversations.ts';
import type { Columns } from '../../src/sources/tables/columns.ts';
import type { DialogueRules } from '../../src/sources/ubuntu/dialogue-rules.ts';
import type { SourceFormat } from '../../src/sources/format-names.ts';
import { findSource } from '../../src/sources/formats.ts';
import type { MessageChoices, Reading } from '../../src/sources/reading.ts';
import type { Sample } from '../../src/sources/sample-conversations.ts';
import { checkTally, newTally, type Tally } from '../../src/sources/tally.ts';
import { messageParams } from '../../stages/ingest/message-params.ts';
import { tableParams } from '../../stages/ingest/table-params.ts';

export interface Choices {
  timeZone?: string;
  messages?: Partial<MessageChoices>;
  columns?: Columns;
  ubuntu?: Partial<DialogueRules>;
  sample?: Partial<Sample>;
}

/** Reads a whole source, with the ingest stage's defaults where nothing else is chosen; the account must balance. */
export async function readSource(
  format: SourceFormat,
  path: string,
  choices: Choices = {},
): Promise<{ conversations: Conversation[]; tally: Tally }> {
  const tally = newTally();
  const conversations: Conversation[] = [];
  for await (const conversation of (await findSource(format, path, readingOf(choices))).read(tally))
    conversations.push(conversation);
  checkTally(tally);
  return { conversations, tally };
}

export function readingOf(choices: Choices = {}): Reading {
  return Value.Parse(Type.Object({ ...messageParams, ...tableParams }), structuredClone(choices)) as Reading;
}

/** `from: text` lines, for reading. */
export function said({ messages }: Conversation): string[] {
  return messages.map(({ from, text }) => `${from}: ${text}`);
}

/** How Facebook writes a string: each byte of its UTF-8 form as a character. */
export function asMojibake(text: string): string {
  return Array.from(new TextEncoder().encode(text), (byte) => String.fromCharCode(byte)).join('');
}
