import { constants, isUtf8 } from 'node:buffer';
import { open, type FileHandle } from 'node:fs/promises';
import { join } from 'node:path';
import { openFileWriter } from '../files/file-writer.ts';
import { replaceFile } from '../files/replace-file.ts';
import { readLines } from '../files/lines.ts';

/** Conversations as written by the `ingest` stage. README.md describes the format. */
export const CONVERSATIONS_FILE = 'conversations.jsonl';
/** What was read, for people. */
export const CONVERSATIONS_PAGE_FILE = 'report.html';
export const CONVERSATIONS_REPORT_FILE = 'report.json';

export interface Message {
  /** '' if the source has no speakers: such a message is rendered as its text only */
  from: string;
  /** milliseconds since 1970, or null if the source has no times */
  time: number | null;
  /** one line, without line breaks */
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
  /** messages that were merged into the one before; present if that was requested */
  merged?: number;
  /** reason → number of records */
  dropped: Record<string, number>;
  /** messages that were split off from the one before; present if that was requested */
  split?: number;
  /**
   * records in the source: messages, and files or lines without a readable message; read = messages + merged - split +
   * dropped
   */
  read: number;
  /** messages that contained line breaks, which are treated as `newlines` of ingest says */
  withNewlines: number;
  /**
   * names and texts by the outcome of repairing double-encoded UTF-8; absent for formats that do not have this fault
   */
  mojibake?: { repaired: number; untouched: number; failed: number };
  /** files and lines that could not be read, and the first hundred of them; `place` is relative to the source */
  skipped: { count: number; first: { place: string; reason: string }[] };
  /** pairs of files with the same messages, or the same long texts, that may be copies of one chat; absent if none */
  undecided?: { files: string[]; messages?: number; texts?: number }[] | undefined;
  /** irregularities that did not stop the reader, such as an encoding → count, and first location; absent if none */
  noticed?: Record<string, { count: number; first: string; warning?: true; example?: string }>;
}

export interface ConversationsWriter {
  append(conversation: Conversation): void;
  /** Appends one or more complete lines of the file. */
  appendLines(lines: string | Uint8Array): void;
  /** Gives the file its name and writes the report. */
  close(report: ConversationsReport): void;
  /** Discards the file. */
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

/** Same result as `JSON.stringify` with the keys in this order, which is part of the format, but 1.5 times as fast. */
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

/** Reads conversations in file order. Throws an Error with the line number at the first invalid line. */
export async function* readConversations(dir: string): AsyncGenerator<Conversation> {
  for await (const line of readLines(join(dir, CONVERSATIONS_FILE), { longestBytes: constants.MAX_STRING_LENGTH })) {
    if (line.kind === 'bad') throw damaged(line.number, line.reason);
    yield parseConversation(line.text, line.number);
  }
}

/** Several complete lines of the file, which one thread can decode while another one reads the next block. */
export interface ConversationsBlock {
  /** number of the first line, counted from 1 */
  firstLine: number;
  lines: number;
  /** UTF-8, every line with its LF; in shared memory that belongs to the block */
  bytes: Uint8Array;
}

/**
 * Reads the file in blocks of at most `mostBytes` and, except for the last one, at least a quarter of that; a single
 * longer line is a block of its own. The content of the lines decides where a block ends, so a change in one place does
 * not affect blocks elsewhere. Consumers can return the memory of finished blocks in `spare`.
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
      // Copied before the block is yielded, because its consumer may give the memory to another block.
      const rest = next.subarray(0, held.copy(next, 0, end));
      if (end > 0) yield { firstLine, lines, bytes: held.subarray(0, end) }; // otherwise, a line is longer than the buffer
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

/** The first lines in the buffer, up to a line that ends a block; none if not even one line is complete. */
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

/** Decides by a hash (FNV-1a) of the line's last bytes, about once in `everyBytes`; long lines have more chances. */
function endsBlock(held: Buffer, start: number, end: number, everyBytes: number): boolean {
  let hash = 0x811c9dc5;
  for (let i = Math.max(start, end - 64); i < end; i++) hash = Math.imul(hash ^ held[i]!, 0x01000193);
  hash = Math.imul(hash ^ (hash >>> 15), 0x2c1b3c6d);
  return ((hash ^ (hash >>> 13)) >>> 0) / 2 ** 32 < (end - start) / everyBytes;
}

/**
 * The lines of a block, without their LF. All are well-formed UTF-8; throws an Error with the line number at the first
 * one that is not.
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

/** Throws an Error with the line number if the text is not a conversation. */
export function parseConversation(text: string, line: number): Conversation {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    throw damaged(line, 'not JSON'); // Node's own message would quote the conversation
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
