import { constants, isUtf8 } from 'node:buffer';
import { open, type FileHandle } from 'node:fs/promises';
import { join } from 'node:path';
import { openFileWriter } from '../files/file-writer.ts';
import { replaceFile } from '../files/replace-file.ts';
import { readLines } from '../files/lines.ts';

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
  /** messages that became part of the one before, where that is asked for */
  merged?: number;
  /** reason → how many records */
  dropped: Record<string, number>;
  /** messages that are lines of the one before, where that is asked for */
  split?: number;
  /**
   * records met in the source: messages, and files or lines that no message could be got from; read = messages + merged -
   * split + dropped
   */
  read: number;
  /** messages with line breaks in them, which `newlines` of ingest says what to do with */
  withNewlines: number;
  /**
   * strings (names and texts) by what mending double-encoded UTF-8 did to them; absent where the format has no such
   * fault
   */
  mojibake?: { repaired: number; untouched: number; failed: number };
  /** files and lines that could not be read; `place` is relative to the source, the first hundred are named */
  skipped: { count: number; first: { place: string; reason: string }[] };
  /** what the reader found and went on with, such as an encoding → how often, and where first; absent if nothing */
  noticed?: Record<string, { count: number; first: string }>;
}

export interface ConversationsWriter {
  append(conversation: Conversation): void;
  /** One line of the file or several, whole. */
  appendLines(lines: string | Uint8Array): void;
  /** The file gets its name, and the report stands beside it. */
  close(report: ConversationsReport): void;
  /** Leaves nothing under the file's name. */
  abandon(): void;
}

export function openConversationsWriter(dir: string): ConversationsWriter {
  const file = openFileWriter(join(dir, CONVERSATIONS_FILE));
  return {
    append: (conversation) => file.write(conversationLine(conversation)),
    appendLines: (lines) => file.write(lines),
    close(report) {
      file.close();
      replaceFile(join(dir, CONVERSATIONS_REPORT_FILE), `${JSON.stringify(report, null, 2)}\n`);
    },
    abandon: () => file.abandon(),
  };
}

/** What `JSON.stringify` would make of it with the keys in this order, which is part of the format; half as fast again. */
export function conversationLine({ id, messages }: Conversation): string {
  let line = `{"id":${quoted(id)},"messages":[`;
  for (let i = 0; i < messages.length; i++) {
    const { from, time, text } = messages[i]!;
    line += `${i === 0 ? '' : ','}{"from":${quoted(from)},"time":${time === null || Number.isFinite(time) ? time : null},"text":${quoted(text)}}`;
  }
  return `${line}]}\n`;
}

function quoted(text: string): string {
  return TO_ESCAPE.test(text) ? JSON.stringify(text) : `"${text}"`;
}

const TO_ESCAPE = /["\\\x00-\x1f\ud800-\udfff]/;

/** In the order written. Throws an Error with the line's number at the first line that is no conversation. */
export async function* readConversations(dir: string): AsyncGenerator<Conversation> {
  for await (const line of readLines(join(dir, CONVERSATIONS_FILE), { longestBytes: constants.MAX_STRING_LENGTH })) {
    if (line.kind === 'bad') throw damaged(line.number, line.reason);
    yield parseConversation(line.text, line.number);
  }
}

/** Some of the file's lines, whole: what one thread decodes while another reads on. */
export interface ConversationsBlock {
  /** number of the first line, counted from 1 */
  firstLine: number;
  lines: number;
  /** UTF-8, every line with its LF; shared memory, the block's own */
  bytes: Uint8Array;
}

/**
 * The file in order, in blocks of at most `mostBytes` and, but for the last one, at least a quarter of it; or as large
 * as the one line in them. Where a block ends is decided by the lines in it, so that a change in one place leaves the
 * blocks elsewhere as they are. `spare`: where whoever has done with a block may leave its memory for another one.
 */
export async function* readConversationBlocks(
  dir: string,
  mostBytes: number,
  spare: SharedArrayBuffer[] = [],
): AsyncGenerator<ConversationsBlock> {
  const file = await open(join(dir, CONVERSATIONS_FILE), 'r');
  try {
    let firstLine = 1;
    let buffer = memoryOf(mostBytes, spare);
    let held = buffer.subarray(0, 0);
    for (let ended = false; ;) {
      if (held.length < buffer.length && !ended) [held, ended] = await fill(file, buffer, held.length);
      if (held.length === 0) return;
      const { end, lines } = blockIn(held, mostBytes, ended);
      const next = memoryOf(end === 0 ? held.length + mostBytes : mostBytes, spare);
      const rest = next.subarray(0, held.copy(next, 0, end)); // now, for whoever gets the block may leave its memory for another one
      if (end > 0) yield { firstLine, lines, bytes: held.subarray(0, end) }; // else a line is longer than all that is held
      firstLine += lines;
      [buffer, held] = [next, rest];
    }
  } finally {
    await file.close();
  }
}

function memoryOf(length: number, spare: SharedArrayBuffer[]): Buffer {
  const used = spare.pop();
  return Buffer.from(used && used.byteLength >= length ? used : new SharedArrayBuffer(length), 0, length);
}

async function fill(file: FileHandle, buffer: Buffer, filled: number): Promise<[held: Buffer, ended: boolean]> {
  while (filled < buffer.length) {
    const { bytesRead } = await file.read(buffer, filled, buffer.length - filled);
    if (bytesRead === 0) return [buffer.subarray(0, filled), true];
    filled += bytesRead;
  }
  return [buffer, false];
}

/** The first lines of what is held, up to a line that ends a block; none if not even one is there whole. */
function blockIn(held: Buffer, mostBytes: number, ended: boolean): { end: number; lines: number } {
  let [end, lines] = [0, 0];
  while (end < held.length) {
    const found = held.indexOf(LF, end);
    if (found === -1 && !ended) break;
    const next = found === -1 ? held.length : found + 1;
    if (next > mostBytes && lines > 0) break;
    const start = end;
    end = next;
    lines++;
    if (end >= mostBytes / 4 && endsBlock(held, start, end, mostBytes / 4)) break;
  }
  return { end, lines };
}

/** By a hash of the line's last bytes (FNV-1a), once in about `everyBytes`: a long line is as many chances. */
function endsBlock(held: Buffer, start: number, end: number, everyBytes: number): boolean {
  let hash = 0x811c9dc5;
  for (let i = Math.max(start, end - 64); i < end; i++) hash = Math.imul(hash ^ held[i]!, 0x01000193);
  hash = Math.imul(hash ^ (hash >>> 15), 0x2c1b3c6d);
  return ((hash ^ (hash >>> 13)) >>> 0) / 2 ** 32 < (end - start) / everyBytes;
}

/**
 * The lines of a block, without their LF; all are well-formed UTF-8. Throws an Error with the line's number at the
 * first one that is not.
 */
export function* linesOf({ firstLine, bytes }: Pick<ConversationsBlock, 'firstLine' | 'bytes'>): Generator<Buffer> {
  const all = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length);
  const isWhole = isUtf8(all);
  let number = firstLine;
  for (let start = 0; start < all.length; number++) {
    const found = all.indexOf(LF, start);
    const line = all.subarray(start, found === -1 ? all.length : found);
    if (!isWhole && !isUtf8(line)) throw damaged(number, 'not UTF-8');
    yield line;
    start += line.length + 1;
  }
}

/** Throws an Error with the line's number if it is no conversation. */
export function parseConversation(text: string, line: number): Conversation {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    throw damaged(line, 'not JSON'); // node's own message would quote the conversation
  }
  if (!isConversation(value)) throw damaged(line, 'not {id, messages: [{from, time, text}]}');
  return value;
}

const LF = 0x0a;

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
