import type { Conversation, Message } from '../../artifacts/conversations.ts';
import { utf8Chunks } from '../text/encoding.ts';
import { newInCopy } from './copies.ts';
import { htmlMessages, pageDateStyle } from './html.ts';
import type { MessengerThread, ThreadFile } from './layout.ts';
import { dropRecord, keepMessage, type MessageRules, type RawMessage } from './message.ts';
import { rawMessage } from './record.ts';
import { NO_THREAD, threadElements } from './thread-elements.ts';
import type { JsonElement } from '../text/json-elements.ts';
import { mojibakeRepairer } from '../text/mojibake.ts';
import type { SourceOptions } from '../source-options.ts';
import { drop, notice, skip, warn, type Tally } from '../tally.ts';

export interface ThreadRules extends MessageRules {
  timeZone: string;
  /** of numeric dates on pages in another language, where the page does not tell */
  dateOrder?: SourceOptions['dateOrder'] | undefined;
  /** Threads are sorted in memory. A larger thread is read only up to this size. */
  mostThreadBytes: number;
}

/**
 * Reads all files of one thread, and returns the oldest message first. The files have the newest first, so messages
 * with equal times are returned in reverse file order. Messages in several copies of the thread are kept once. A
 * truncated file yields the messages before the break. The result may have no messages.
 */
export async function readMessengerThread(
  thread: MessengerThread,
  rules: ThreadRules,
  tally: Tally,
): Promise<Conversation> {
  const messages: Message[] = [];
  const isNew = newInCopy(thread);
  let threadPath: string | null = null;
  let heldBytes = 0;
  const keep = ({ raw, place, copy }: Found, isOldest: boolean): void => {
    for (const message of keepMessage(raw, rules, tally, place, isOldest)) {
      if (isNew(message, copy)) {
        messages.push(message);
        heldBytes += MESSAGE_BYTES + message.text.length;
      } else countDuplicate(tally);
    }
  };
  /** the latest record, which is the thread's oldest if no other follows */
  let last: Found | null = null;
  for (const threadFile of thread.files) {
    const { file, form, copy } = threadFile;
    const batches = form === 'html' ? htmlBatches(threadFile, rules, tally) : jsonBatches(threadFile, tally);
    for await (const batch of batches) {
      for (const raw of batch.messages) {
        if (last) keep(last, false);
        last = { raw, place: file.place, copy };
      }
      threadPath = batch.threadPath ?? threadPath;
      if (heldBytes > rules.mostThreadBytes) break;
    }
    tally.filesRead++;
    tally.bytesRead += file.bytes;
    if (heldBytes <= rules.mostThreadBytes) continue;
    if (last) keep(last, false);
    last = null;
    skip(
      tally,
      file.place,
      `too large: of this thread no more than ${messages.length.toLocaleString('en')} messages fit into memory; older ones are not read`,
      'unreadable file',
    );
    break;
  }
  if (last) keep(last, true);
  return { id: thread.id ?? threadPath ?? 'thread', messages: oldestFirst(messages) };
}

interface Found {
  raw: RawMessage;
  place: string;
  copy: string;
}

/** Memory of a message besides its text. */
const MESSAGE_BYTES = 150;

interface Batch {
  messages: RawMessage[];
  threadPath?: string;
}

async function* jsonBatches({ file, form }: ThreadFile, tally: Tally): AsyncGenerator<Batch> {
  const repair = mojibakeRepairer(tally);
  const summary = newSummary();
  const chunks = utf8Chunks(
    file.chunks(),
    (encoding) => encoding !== 'UTF-8' && notice(tally, `file in ${encoding}`, file.place),
  );
  for await (const elements of threadElements(chunks)) {
    const batch: Batch = { messages: [] };
    for (const element of elements) {
      noteElement(summary, element);
      if (element.kind === 'field' && element.position.key === 'thread_path' && typeof element.value === 'string')
        batch.threadPath = element.value;
      if (element.kind === 'damaged') dropRecord(tally, 'damaged message');
      if (element.kind !== 'element') continue;
      if (element.encoding !== 'UTF-8') notice(tally, `message in ${element.encoding}`, file.place);
      const raw = rawMessage(element.value, form === 'flat' || hasFlatKeys(element.value) ? 'flat' : 'json', repair);
      if (typeof raw === 'string') dropRecord(tally, raw);
      else batch.messages.push(raw);
    }
    yield batch;
  }
  reportFaults(summary, file.place, tally);
}

async function* htmlBatches(
  { file }: ThreadFile,
  { timeZone, dateOrder }: ThreadRules,
  tally: Tally,
): AsyncGenerator<Batch> {
  const style = await pageDateStyle(utf8Chunks(file.chunks()), dateOrder);
  if (style?.guessed)
    warn(
      tally,
      'page whose dates fit several languages or orders of day and month: one was guessed; `dateOrder` sets the order',
      file.place,
    );
  for await (const found of htmlMessages(
    utf8Chunks(file.chunks(), (encoding) => encoding !== 'UTF-8' && notice(tally, `file in ${encoding}`, file.place)),
    timeZone,
    style,
  )) {
    if (found.kind === 'message') yield { messages: [found.raw] };
    else if (found.kind === 'broken characters') notice(tally, 'page with characters that are broken', file.place);
    else if (found.kind === 'assumed zone')
      notice(tally, `file whose times are taken for those of ${timeZone} (timeZone)`, file.place);
    else if (found.kind === 'dropped') dropRecord(tally, found.reason);
    else if (found.trouble !== null) skip(tally, file.place, found.trouble, 'unreadable file');
  }
}

/** A summary of one JSON file. */
interface FileSummary {
  hasParticipants: boolean;
  hasMessages: boolean;
  records: number;
  damaged: { count: number; first: string } | null;
  trouble: string | null;
}

function newSummary(): FileSummary {
  return { hasParticipants: false, hasMessages: false, records: 0, damaged: null, trouble: null };
}

function noteElement(summary: FileSummary, element: JsonElement): void {
  switch (element.kind) {
    case 'open':
      summary.hasMessages ||= element.as === 'list';
      break;
    case 'field':
      summary.hasMessages ||= element.position.key === 'messages';
      summary.hasParticipants ||= element.position.key === 'participants';
      break;
    case 'element':
      summary.records++;
      break;
    case 'damaged':
      summary.records++;
      summary.damaged = {
        count: (summary.damaged?.count ?? 0) + 1,
        first: summary.damaged?.first ?? `message ${summary.records.toLocaleString('en')} is ${element.reason}`,
      };
      break;
    case 'end':
      summary.trouble = element.trouble;
  }
}

/** Counts a file with faults as one dropped record per kind of fault. Messages read from it are kept. */
function reportFaults(
  { hasParticipants, hasMessages, records, damaged, trouble }: FileSummary,
  place: string,
  tally: Tally,
): void {
  const before = records > 0 ? `; ${records.toLocaleString('en')} messages before that are read` : '';
  if (trouble !== null) skip(tally, place, `${trouble}${before}`, 'unreadable file');
  else if (records === 0 && !(hasParticipants && hasMessages)) skip(tally, place, NO_THREAD, 'unreadable file');
  else if (records === 0) dropRecord(tally, 'file without messages');
  if (damaged)
    skip(
      tally,
      place,
      `${damaged.first}${damaged.count > 1 ? `, and ${damaged.count - 1} more` : ''}; what follows is read`,
      'unreadable file',
    );
}

function hasFlatKeys(value: unknown): boolean {
  return typeof value === 'object' && value !== null && 'senderName' in value && !('sender_name' in value);
}

function countDuplicate(tally: Tally): void {
  tally.kept--;
  drop(tally, 'duplicate');
}

/** Messages without a time are sorted with the message before them. */
function oldestFirst(newestFirst: Message[]): Message[] {
  let last = -Infinity;
  const timed = newestFirst.reverse().map((message) => ({ message, sortTime: (last = message.time ?? last) }));
  return timed.sort((a, b) => a.sortTime - b.sortTime || 0).map(({ message }) => message);
}
