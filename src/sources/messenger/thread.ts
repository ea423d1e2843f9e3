import type { Conversation, Message } from '../../artifacts/conversations.ts';
import { utf8Chunks } from '../text/encoding.ts';
import { newInCopy } from './copies.ts';
import { htmlMessages } from './html.ts';
import type { MessengerThread, ThreadFile } from './layout.ts';
import { dropRecord, keepMessage, type MessageRules, type RawMessage } from './message.ts';
import { rawMessage } from './record.ts';
import { NO_THREAD, threadElements } from './thread-elements.ts';
import type { JsonElement } from '../text/json-elements.ts';
import { mending } from '../text/mojibake.ts';
import { drop, notice, skip, type Tally } from '../tally.ts';

export interface ThreadRules extends MessageRules {
  timeZone: string;
  /** A thread is sorted in memory; one that needs more than this is read up to here. */
  mostThreadBytes: number;
}

/**
 * All files of one thread, oldest message first. The files are newest first; equal times keep the reverse of their
 * place in the files. What is in two copies of the thread is kept once. A file that breaks off gives what stands
 * before. May come out without messages.
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
  for (const part of thread.files) {
    const batches = part.form === 'html' ? htmlBatches(part, rules, tally) : jsonBatches(part, tally);
    for await (const batch of batches) {
      for (const raw of batch.messages) {
        for (const message of keepMessage(raw, rules, tally, part.file.place)) {
          if (isNew(message, part.copy)) {
            messages.push(message);
            heldBytes += MESSAGE_BYTES + message.text.length;
          } else takeBack(tally);
        }
      }
      threadPath = batch.threadPath ?? threadPath;
      if (heldBytes > rules.mostThreadBytes) break;
    }
    tally.filesRead++;
    tally.bytesRead += part.file.bytes;
    if (heldBytes <= rules.mostThreadBytes) continue;
    skip(
      tally,
      part.file.place,
      `too large: of this thread no more than ${messages.length.toLocaleString('en')} messages fit into memory; older ones are not read`,
      'unreadable file',
    );
    break;
  }
  return { id: thread.id ?? threadPath ?? 'thread', messages: oldestFirst(messages) };
}

/** What a message takes besides its text. */
const MESSAGE_BYTES = 150;

interface Batch {
  messages: RawMessage[];
  threadPath?: string;
}

async function* jsonBatches({ file, form }: ThreadFile, tally: Tally): AsyncGenerator<Batch> {
  const mend = mending(tally);
  const account = newAccount();
  const chunks = utf8Chunks(
    file.chunks(),
    (encoding) => encoding !== 'UTF-8' && notice(tally, `file in ${encoding}`, file.place),
  );
  for await (const elements of threadElements(chunks)) {
    const batch: Batch = { messages: [] };
    for (const element of elements) {
      enter(account, element);
      if (element.kind === 'field' && element.position.key === 'thread_path' && typeof element.value === 'string')
        batch.threadPath = element.value;
      if (element.kind === 'damaged') dropRecord(tally, 'damaged message');
      if (element.kind !== 'element') continue;
      if (element.encoding !== 'UTF-8') notice(tally, `message in ${element.encoding}`, file.place);
      const raw = rawMessage(element.value, form === 'flat' || hasFlatKeys(element.value) ? 'flat' : 'json', mend);
      if (typeof raw === 'string') dropRecord(tally, raw);
      else batch.messages.push(raw);
    }
    yield batch;
  }
  settle(account, file.place, tally);
}

async function* htmlBatches({ file }: ThreadFile, { timeZone }: ThreadRules, tally: Tally): AsyncGenerator<Batch> {
  for await (const found of htmlMessages(
    utf8Chunks(file.chunks(), (encoding) => encoding !== 'UTF-8' && notice(tally, `file in ${encoding}`, file.place)),
    timeZone,
  )) {
    if (found.kind === 'message') yield { messages: [found.raw] };
    else if (found.kind === 'broken characters') notice(tally, 'page with characters that are broken', file.place);
    else if (found.kind === 'assumed zone')
      notice(tally, `file whose times are taken for those of ${timeZone} (timeZone)`, file.place);
    else if (found.kind === 'dropped') dropRecord(tally, found.reason);
    else if (found.trouble !== null) skip(tally, file.place, found.trouble, 'unreadable file');
  }
}

/** What one JSON file contains. */
interface Account {
  hasParticipants: boolean;
  hasMessages: boolean;
  records: number;
  damaged: { count: number; first: string } | null;
  trouble: string | null;
}

function newAccount(): Account {
  return { hasParticipants: false, hasMessages: false, records: 0, damaged: null, trouble: null };
}

function enter(account: Account, element: JsonElement): void {
  switch (element.kind) {
    case 'open':
      account.hasMessages ||= element.as === 'list';
      break;
    case 'field':
      account.hasMessages ||= element.position.key === 'messages';
      account.hasParticipants ||= element.position.key === 'participants';
      break;
    case 'element':
      account.records++;
      break;
    case 'damaged':
      account.records++;
      account.damaged = {
        count: (account.damaged?.count ?? 0) + 1,
        first: account.damaged?.first ?? `message ${account.records.toLocaleString('en')} is ${element.reason}`,
      };
      break;
    case 'end':
      account.trouble = element.trouble;
  }
}

/** A file with a fault is one record, dropped and named; what was read of it stays. */
function settle(
  { hasParticipants, hasMessages, records, damaged, trouble }: Account,
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

function takeBack(tally: Tally): void {
  tally.kept--;
  drop(tally, 'duplicate');
}

/** A message without a time goes with the one before it. */
function oldestFirst(newestFirst: Message[]): Message[] {
  let last = -Infinity;
  const timed = newestFirst.reverse().map((message) => ({ message, at: (last = message.time ?? last) }));
  return timed.sort((a, b) => a.at - b.at || 0).map(({ message }) => message);
}
