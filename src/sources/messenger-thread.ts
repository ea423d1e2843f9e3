import { isUtf8 } from 'node:buffer';
import { readFile } from 'node:fs/promises';
import type { Conversation, Message } from '../artifacts/conversations.ts';
import { foldNewlines } from './fold-newlines.ts';
import type { MessengerThread } from './messenger-layout.ts';
import { mendMojibake } from './mojibake.ts';
import type { SourceFile } from './source.ts';
import { drop, skip, type Tally } from './tally.ts';

/**
 * All parts of one thread, oldest message first. The files are newest first; equal times keep the reverse of their place in the files.
 * A part that cannot be read is skipped, the others stay. May come out without messages.
 */
export async function readMessengerThread(thread: MessengerThread, tally: Tally): Promise<Conversation> {
  const messages: TimedMessage[] = [];
  let threadPath = 'thread';
  for (const file of thread.files) {
    const part = await readPart(file);
    tally.filesRead++;
    tally.bytesRead += file.bytes;
    if (typeof part === 'string') skip(tally, file.place, part, 'unreadable file');
    else {
      if (part.messages.length === 0) dropRecord(tally, 'file without messages');
      for (const record of part.messages) messages.push(...keepMessage(record, tally));
      if (typeof part.thread_path === 'string') threadPath = part.thread_path;
    }
  }
  messages.reverse().sort((a, b) => a.time - b.time);
  return { id: thread.id ?? threadPath, messages };
}

interface TimedMessage extends Message {
  time: number;
}

/** Facebook's own label for an account that is gone; also for a message that names no sender. */
const NAMELESS = 'Facebook user';

/** What a message without text was, by the first of these keys that it has. */
const WORDLESS: [key: string, reason: string][] = [
  ['sticker', 'sticker'],
  ['photos', 'photo'],
  ['videos', 'video'],
  ['gifs', 'gif'],
  ['audio_files', 'audio'],
  ['files', 'file'],
  ['share', 'share'],
  ['call_duration', 'call'],
];

/** Returns what is wrong with the file if it is no part of a thread; never quotes it. */
async function readPart({ path }: SourceFile): Promise<{ messages: unknown[]; thread_path?: unknown } | string> {
  let bytes: Buffer;
  try {
    bytes = await readFile(path);
  } catch (error) {
    return `cannot be read (${(error as NodeJS.ErrnoException).code ?? 'error'})`;
  }
  if (bytes.length === 0) return 'empty file';
  if (!isUtf8(bytes)) return 'not UTF-8';
  let value: unknown;
  try {
    value = JSON.parse(bytes.toString('utf8').replace(/^\ufeff/, ''));
  } catch (error) {
    // Of node's message only its kind is told: the rest quotes the file.
    const ends = /end of JSON|Unterminated|Expected .* after/.test((error as Error).message) && !/[}\]]\s*$/.test(bytes.subarray(-16).toString('latin1'));
    return ends ? 'cut off: the JSON ends too early' : 'not valid JSON';
  }
  const part = (value ?? {}) as { participants?: unknown; messages?: unknown };
  if (!Array.isArray(part.participants) || !Array.isArray(part.messages)) return 'no thread: it lacks participants or messages';
  return part as { messages: unknown[] };
}

function keepMessage(record: unknown, tally: Tally): TimedMessage[] {
  const reason = whyDropped(record);
  if (reason !== null) {
    dropRecord(tally, reason);
    return [];
  }
  const raw = record as Record<string, unknown>;
  const content = mend(raw['content'] as string, tally);
  const name = typeof raw['sender_name'] === 'string' ? foldNewlines(mend(raw['sender_name'], tally)).trim() : '';
  const text = foldNewlines(content);
  const from = name === '' ? NAMELESS : name;
  tally.read++;
  tally.kept++;
  tally.people.add(from);
  if (text !== content) tally.newlinesFolded++;
  return [{ from, time: timeOf(raw)!, text }];
}

function dropRecord(tally: Tally, reason: string): void {
  tally.read++;
  drop(tally, reason);
}

function whyDropped(record: unknown): string | null {
  if (typeof record !== 'object' || record === null || Array.isArray(record)) return 'not a message';
  const raw = record as Record<string, unknown>;
  if (raw['is_unsent'] === true) return 'unsent';
  const content = raw['content'];
  if (content !== undefined && content !== null && typeof content !== 'string') return 'text is not a string';
  if (typeof content !== 'string' || content.trim() === '') return WORDLESS.find(([key]) => raw[key] !== undefined)?.[1] ?? (raw['type'] === 'Call' ? 'call' : 'empty');
  return timeOf(raw) === null ? 'no time' : null;
}

/** `timestamp_ms`, or `timestamp` in seconds as in the exports of April 2018. */
function timeOf(raw: Record<string, unknown>): number | null {
  const { timestamp_ms: ms, timestamp: seconds } = raw;
  const time = typeof ms === 'number' ? ms : typeof seconds === 'number' ? seconds * 1000 : NaN;
  return Number.isFinite(time) ? Math.round(time) : null;
}

function mend(text: string, tally: Tally): string {
  const { text: mended, outcome } = mendMojibake(text);
  tally.mojibake[outcome]++;
  return mended;
}
