import { Type } from '@sinclair/typebox';
import { Value } from '@sinclair/typebox/value';
import type { Conversation } from '../../src/artifacts/conversations.ts';
import type { Columns } from '../../src/sources/tables/columns.ts';
import type { DialogueRules } from '../../src/sources/ubuntu/dialogue-rules.ts';
import type { SourceFormat } from '../../src/sources/format-names.ts';
import { findSource } from '../../src/sources/formats.ts';
import type { MessageChoices, SourceOptions } from '../../src/sources/source-options.ts';
import { sampledConversations, type Sample } from '../../src/sources/sample-conversations.ts';
import { checkTally, newTally, type Tally } from '../../src/sources/tally.ts';
import { messageParams } from '../../stages/ingest/message-params.ts';
import { sourceParams } from '../../stages/ingest/source-params.ts';
import { tableParams } from '../../stages/ingest/table-params.ts';

export interface Choices {
  documentEnd?: string;
  timeZone?: string;
  dateOrder?: 'day-month-year' | 'month-day-year' | 'year-month-day';
  messages?: Partial<MessageChoices>;
  columns?: Columns;
  ubuntu?: Partial<DialogueRules>;
  sample?: Partial<Sample>;
}

/** Reads a whole source, with the defaults of the ingest stage, and checks that the tally balances. */
export async function readSource(
  format: SourceFormat,
  path: string,
  choices: Choices = {},
): Promise<{ conversations: Conversation[]; tally: Tally }> {
  const tally = newTally();
  const conversations: Conversation[] = [];
  const options = sourceOptions(choices);
  const source = await findSource(format, path, options);
  const read = options.sample ? sampledConversations((inner) => source.read(inner), options.sample) : source.read;
  for await (const conversation of read(tally)) conversations.push(conversation);
  checkTally(tally);
  return { conversations, tally };
}

export function sourceOptions(choices: Choices = {}): SourceOptions & { sample?: Sample } {
  const { dateOrder, documentEnd } = sourceParams;
  const params = Type.Object({ ...messageParams, ...tableParams, dateOrder, documentEnd });
  return Value.Parse(params, structuredClone(choices)) as SourceOptions & { sample?: Sample };
}

/** The messages as `from: text`. */
export function messageLines({ messages }: Conversation): string[] {
  return messages.map(({ from, text }) => `${from}: ${text}`);
}

/** Encodes a string as Facebook does: each byte of its UTF-8 form as a character. */
export function asMojibake(text: string): string {
  return Array.from(new TextEncoder().encode(text), (byte) => String.fromCharCode(byte)).join('');
}
