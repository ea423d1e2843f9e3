import { constants } from 'node:buffer';
import { join } from 'node:path';
import { openFileWriter, writeWhole } from './file-writer.ts';
import { readLines } from './lines.ts';

/** Someone's conversations as the `ingest` stage leaves them; the bytes are in README.md. */
export const CONVERSATIONS_FILE = 'conversations.jsonl';
export const CONVERSATIONS_REPORT_FILE = 'report.json';

export interface Message {
  /** '' where the source has no speakers: such a message is rendered as its text alone */
  from: string;
  /** milliseconds since 1970, or null where the source has no times */
  time: number | null;
  /** one line: never holds a line break */
  text: string;
}

export interface Conversation {
  id: string;
  messages: Message[];
}

export interface ConversationsReport {
  conversations: number;
  messages: number;
  /** distinct names of speakers */
  people: number;
  /** reason → how many records */
  dropped: Record<string, number>;
  /** records met in the source: messages, and files or lines that no message could be got from; read = messages + dropped */
  read: number;
  /** messages in which line breaks became a space */
  newlinesFolded: number;
  /** strings (names and texts) by what mending double-encoded UTF-8 did to them; absent where the format has no such fault */
  mojibake?: { repaired: number; untouched: number; failed: number };
  /** files and lines that could not be read; `place` is relative to the source, the first hundred are named */
  skipped: { count: number; first: { place: string; reason: string }[] };
}

export interface ConversationsWriter {
  append(conversation: Conversation): void;
  /** The file gets its name, and the report stands beside it. */
  close(report: ConversationsReport): void;
  /** Leaves nothing under the file's name. */
  abandon(): void;
}

export function openConversationsWriter(dir: string): ConversationsWriter {
  const file = openFileWriter(join(dir, CONVERSATIONS_FILE));
  return {
    append({ id, messages }) {
      // The order of keys is part of the format: same conversations, same bytes.
      const ordered = messages.map(({ from, time, text }) => ({ from, time, text }));
      file.write(`${JSON.stringify({ id, messages: ordered })}\n`);
    },
    close(report) {
      file.close();
      writeWhole(join(dir, CONVERSATIONS_REPORT_FILE), `${JSON.stringify(report, null, 2)}\n`);
    },
    abandon: () => file.abandon(),
  };
}

/** In the order written. Throws an Error with the line's number at the first line that is no conversation. */
export async function* readConversations(dir: string): AsyncGenerator<Conversation> {
  for await (const line of readLines(join(dir, CONVERSATIONS_FILE), { longestBytes: constants.MAX_STRING_LENGTH })) {
    if (line.kind === 'bad') throw damaged(line.number, line.reason);
    let value: unknown;
    try {
      value = JSON.parse(line.text);
    } catch {
      throw damaged(line.number, 'not JSON'); // node's own message would quote the conversation
    }
    if (!isConversation(value)) throw damaged(line.number, 'not {id, messages: [{from, time, text}]}');
    yield value;
  }
}

function damaged(line: number, reason: string): Error {
  return new Error(`${CONVERSATIONS_FILE}:${line}: damaged: ${reason}`);
}

function isConversation(value: unknown): value is Conversation {
  const { id, messages } = (value ?? {}) as Partial<Conversation>;
  return typeof id === 'string' && Array.isArray(messages) && messages.every(isMessage);
}

function isMessage(value: unknown): value is Message {
  const { from, time, text } = (value ?? {}) as Partial<Message>;
  return typeof from === 'string' && (time === null || typeof time === 'number') && typeof text === 'string';
}
