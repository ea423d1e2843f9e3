import { createHash } from 'node:crypto';
import type { Conversation, Message } from '../../src/artifacts/conversations.ts';
import { splitOnSilence } from '../../src/sources/split-on-silence.ts';
import { drop, type Tally } from '../../src/sources/tally.ts';
import { judgesMessages, messageRule } from './keep-message.ts';
import { redact } from './redact.ts';
import { numberedNames } from './rename.ts';
import type { Shape } from './shape-params.ts';

export interface ShapeOptions extends Shape {
  splitAfterHours: number;
}

/** What shaping did, beside the reasons that the tally counts. */
export interface ShapeCounts {
  /** messages that became part of the one before */
  merged: number;
  /** messages that are lines of the one before */
  split: number;
  /** messages with line breaks in them */
  broken: number;
  /** name, before any replacing → threads in which it says something; to find whose chats these are */
  threadsOf: Map<string, number>;
  threads: number;
}

export const newCounts = (): ShapeCounts => ({ merged: 0, split: 0, broken: 0, threadsOf: new Map(), threads: 0 });

/**
 * Threads as they were read, into conversations as they are wanted: aliases; threads and people; dates, links, script,
 * length; redaction; silence ends a conversation; one person's messages in a row are merged; short ones go; lines are
 * split; names are replaced. What is dropped here moves in the tally from kept to its reason.
 */
export async function* shapeConversations(
  threads: AsyncIterable<Conversation>,
  options: ShapeOptions,
  { tally, counts }: { tally: Tally; counts: ShapeCounts },
): AsyncGenerator<Conversation> {
  const { keep, names, mergeWithinSeconds } = options;
  const renaming = names.replace === 'numbers' ? numberedNames() : null;
  if (renaming && names.owner !== undefined) renaming.nameOf(names.owner);
  for await (const conversation of splitOnSilence(
    wantedThreads(threads, options, { tally, counts }),
    options.splitAfterHours,
  )) {
    const before = conversation.messages.length;
    const messages =
      mergeWithinSeconds > 0 ? mergeRows(conversation.messages, mergeWithinSeconds * 1000) : conversation.messages;
    const reason =
      messages.length < keep.minMessages
        ? 'conversation too short'
        : keep.minPeople > 0 && peopleIn(messages).size < keep.minPeople
          ? 'too few people'
          : null;
    if (reason !== null) {
      dropKept(tally, reason, before);
      continue;
    }
    counts.merged += before - messages.length;
    const lines = options.newlines === 'split' ? splitLines(messages) : messages;
    counts.split += lines.length - messages.length;
    yield { id: conversation.id, messages: renaming ? renamed(lines, renaming) : lines };
  }
}

/**
 * Whose chats these are: who says something in the most threads, if that is in more than half of them, and in two at
 * least.
 */
export function ownerOf({ threadsOf, threads }: ShapeCounts): string | null {
  let owner: string | null = null;
  let most = Math.max(1, threads / 2);
  for (const [name, count] of threadsOf) {
    if (count > most) {
      owner = name;
      most = count;
    }
  }
  return owner;
}

// ---------------------------------------------------------------------------

async function* wantedThreads(
  threads: AsyncIterable<Conversation>,
  { keep, names, newlines, redact: redacted }: ShapeOptions,
  { tally, counts }: { tally: Tally; counts: ShapeCounts },
): AsyncGenerator<Conversation> {
  const threadReason = threadRule(keep);
  const judge = messageRule(keep);
  const asItIs = redacted.length === 0 && !judgesMessages(keep); // a corpus of gigabytes is not copied message by message for nothing
  const aliases = new Map(Object.entries(names.aliases));
  const isShared = sharedNames(names.tellApart);
  for await (const thread of threads) {
    const said = inOneLine(
      aliases.size > 0
        ? thread.messages.map((message) => ({ ...message, from: aliases.get(message.from) ?? message.from }))
        : thread.messages,
      newlines,
      counts,
    );
    const people = peopleIn(said);
    const shared = [...people].filter(isShared);
    countThreads(people, shared, counts);
    const reason = threadReason(thread.id, people);
    if (reason !== null) {
      dropKept(tally, reason, said.length);
      continue;
    }
    const messages = asItIs
      ? said
      : said.flatMap((message): Message[] => {
          const verdict = judge(message);
          if (verdict.kind === 'kept')
            return [{ ...message, text: redacted.length > 0 ? redact(verdict.text, redacted) : verdict.text }];
          dropKept(tally, verdict.reason, 1);
          return [];
        });
    if (messages.length > 0)
      yield { id: thread.id, messages: shared.length > 0 ? toldApart(messages, new Set(shared), thread.id) : messages };
  }
}

/** With breaks left where they will end messages. */
function inOneLine(messages: Message[], newlines: Shape['newlines'], counts: ShapeCounts): Message[] {
  const broken = messages.filter(({ text }) => text.includes('\n')).length;
  counts.broken += broken;
  if (broken === 0 || newlines === 'split') return messages;
  const joint = newlines === 'space' ? ' ' : ' / ';
  return messages.map((message) =>
    message.text.includes('\n') ? { ...message, text: message.text.replaceAll('\n', joint) } : message,
  );
}

/** A blank line says nothing. */
function splitLines(messages: Message[]): Message[] {
  return messages.flatMap((message) => {
    if (!message.text.includes('\n')) return [message];
    const lines = message.text.split('\n').filter((line) => line.trim() !== '');
    return lines.length > 0
      ? lines.map((text) => ({ ...message, text }))
      : [{ ...message, text: message.text.replaceAll('\n', ' ') }];
  });
}

function sharedNames(tellApart: string[]): (name: string) => boolean {
  const shared = new Set(tellApart.map((name) => name.toLowerCase()));
  return (name) => shared.has(name.toLowerCase());
}

/** By a number that the thread's id gives, not by a count: no other thread changes it. */
function toldApart(messages: Message[], shared: Set<string>, thread: string): Message[] {
  const number = 1 + (createHash('sha256').update(thread).digest().readUInt32LE(0) % 99_999);
  return messages.map((message) =>
    shared.has(message.from) ? { ...message, from: `${message.from} ${number}` } : message,
  );
}

function dropKept(tally: Tally, reason: string, messages: number): void {
  tally.kept -= messages;
  drop(tally, reason, messages);
}

function threadRule(keep: Shape['keep']): (id: string, people: Set<string>) => string | null {
  const [only, not] = [keep.threads.map(glob), keep.notThreads.map(glob)];
  const among = new Set(keep.onlyAmong);
  return (id, people) => {
    if (not.some((pattern) => pattern.test(id)) || (only.length > 0 && !only.some((pattern) => pattern.test(id))))
      return 'thread not wanted';
    if (!keep.groups && people.size > 2) return 'group';
    return among.size > 0 && [...people].some((name) => !among.has(name)) ? 'third parties' : null;
  };
}

/** `*` stands for any text; all else for itself. */
function glob(pattern: string): RegExp {
  return new RegExp(
    `^${pattern
      .split('*')
      .map((part) => part.replace(/[.+?^${}()|[\]\\]/g, '\\$&'))
      .join('.*')}$`,
    'su',
  );
}

function peopleIn(messages: Message[]): Set<string> {
  const people = new Set<string>();
  for (const { from } of messages) if (from !== '') people.add(from);
  return people;
}

/** What shaping a part did joins what it did to the whole. */
export function addCounts(counts: ShapeCounts, { merged, split, broken, threadsOf, threads }: ShapeCounts): void {
  counts.merged += merged;
  counts.split += split;
  counts.broken += broken;
  counts.threads += threads;
  for (const [name, count] of threadsOf) addThreads(name, count, counts);
}

function addThreads(name: string, count: number, { threadsOf }: ShapeCounts): void {
  const known = threadsOf.get(name);
  if (known !== undefined) threadsOf.set(name, known + count);
  else if (threadsOf.size < 100_000) threadsOf.set(name, count);
}

/**
 * Bounded: who is in the most threads is among the first hundred thousand people met, or these are nobody's chats.
 * Shared names are nobody's.
 */
function countThreads(people: Set<string>, shared: string[], counts: ShapeCounts): void {
  counts.threads++;
  for (const name of people) if (!shared.includes(name)) addThreads(name, 1, counts);
}

/** The time of the first stays; the texts are joined by a blank. */
function mergeRows(messages: Message[], withinMs: number): Message[] {
  const rows: Message[] = [];
  let last: number | null = null;
  for (const message of messages) {
    const row = rows.at(-1);
    const near = last === null || message.time === null || message.time - last <= withinMs;
    if (row && row.from === message.from && row.from !== '' && near)
      rows[rows.length - 1] = { ...row, text: `${row.text} ${message.text}` };
    else rows.push(message);
    last = message.time;
  }
  return rows;
}

function renamed(messages: Message[], renaming: ReturnType<typeof numberedNames>): Message[] {
  for (const { from } of messages) renaming.nameOf(from);
  return messages.map(({ from, time, text }) => ({ from: renaming.nameOf(from), time, text: renaming.inText(text) }));
}
