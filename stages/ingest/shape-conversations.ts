import { createHash } from 'node:crypto';
import type { Conversation, Message } from '../../src/artifacts/conversations.ts';
import { withinSource } from '../../src/sources/several-sources.ts';
import { splitOnSilence } from '../../src/sources/split-on-silence.ts';
import { drop, type Tally } from '../../src/sources/tally.ts';
import { judgesMessages, messageRule } from './keep-message.ts';
import { redact } from './redact.ts';
import { numberedNames } from './rename.ts';
import type { Shape } from './shape-params.ts';

export interface ShapeOptions extends Shape {
  splitAfterHours: number;
}

/** Counts of what shaping did. Dropped messages are counted in the tally. */
export interface ShapeCounts {
  /** messages that were merged into the previous one */
  merged: number;
  /** additional messages that came from splitting a message at its line breaks */
  split: number;
  /** messages that contain line breaks */
  broken: number;
  /** original name → threads in which that person writes; used to find the owner of the chats */
  threadsOf: Map<string, number>;
  threads: number;
  /** name in the source that has an alias → threads in which it occurs */
  aliased: Map<string, number>;
  /** messages from which control characters were taken out */
  cleaned: number;
}

export const newCounts = (): ShapeCounts => ({
  merged: 0,
  split: 0,
  broken: 0,
  threadsOf: new Map(),
  threads: 0,
  aliased: new Map(),
  cleaned: 0,
});

/**
 * Turns threads into conversations, in this order: replaces aliases, filters threads and people, filters messages by
 * date, links, script and length, redacts, splits at long silences, merges consecutive messages of one person, drops
 * short conversations, splits messages into lines, replaces names. In the tally, messages dropped here move from `kept`
 * to their reason.
 */
export async function* shapeConversations(
  threads: AsyncIterable<Conversation>,
  options: ShapeOptions,
  { tally, counts }: { tally: Tally; counts: ShapeCounts },
): AsyncGenerator<Conversation> {
  const { keep, names, mergeWithinSeconds } = options;
  const renaming = names.replace === 'numbers' ? numberedNames() : null;
  if (renaming && names.owner !== undefined) renaming.pseudonym(names.owner);
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

// ---------------------------------------------------------------------------

async function* wantedThreads(
  threads: AsyncIterable<Conversation>,
  { keep, names, newlines, redact: redacted }: ShapeOptions,
  { tally, counts }: { tally: Tally; counts: ShapeCounts },
): AsyncGenerator<Conversation> {
  const threadReason = threadRule(keep);
  const judge = messageRule(keep);
  const isUnfiltered = redacted.length === 0 && !judgesMessages(keep); // saves copying every message of a large corpus
  const aliases = new Map(Object.entries(names.aliases));
  const isShared = sharedNames(names.tellApart);
  for await (const thread of threads) {
    if (aliases.size > 0)
      for (const name of peopleIn(thread.messages)) if (aliases.has(name)) addThreads(name, 1, counts.aliased);
    const joined = joinLines(
      aliases.size > 0
        ? thread.messages.map((message) => ({ ...message, from: aliases.get(message.from) ?? message.from }))
        : thread.messages,
      newlines,
      counts,
    );
    const people = peopleIn(joined);
    const shared = [...people].filter(isShared);
    countThreads(people, shared, counts);
    const reason = threadReason(thread.id, people);
    if (reason !== null) {
      dropKept(tally, reason, joined.length);
      continue;
    }
    const messages = isUnfiltered
      ? joined
      : joined.flatMap((message): Message[] => {
          const verdict = judge(message);
          if (verdict.kind === 'kept')
            return [{ ...message, text: redacted.length > 0 ? redact(verdict.text, redacted) : verdict.text }];
          dropKept(tally, verdict.reason, 1);
          return [];
        });
    if (messages.length > 0)
      yield {
        id: thread.id,
        messages: shared.length > 0 ? numberedByThread(messages, new Set(shared), thread.id) : messages,
      };
  }
}

/** Replaces line breaks by `newlines`; leaves them where `splitLines` will split at them. */
function joinLines(messages: Message[], newlines: Shape['newlines'], counts: ShapeCounts): Message[] {
  const broken = messages.filter(({ text }) => text.includes('\n')).length;
  counts.broken += broken;
  if (broken === 0 || newlines === 'split') return messages;
  const glue = newlines === 'space' ? ' ' : ' / ';
  return messages.map((message) =>
    message.text.includes('\n') ? { ...message, text: message.text.replaceAll('\n', glue) } : message,
  );
}

/** One message per line, without the blank lines. */
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

/** Appends a number to shared names. It is computed from the thread's id, so other threads do not affect it. */
function numberedByThread(messages: Message[], shared: Set<string>, thread: string): Message[] {
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
    // With several sources, `sources.0/` precedes the id.
    const ids = [id, withinSource(id)?.rest ?? id];
    const matches = (patterns: RegExp[]): boolean => patterns.some((pattern) => ids.some((form) => pattern.test(form)));
    if (matches(not) || (only.length > 0 && !matches(only))) return 'thread not wanted';
    if (!keep.groups && people.size > 2) return 'group';
    return among.size > 0 && [...people].some((name) => !among.has(name)) ? 'third parties' : null;
  };
}

/** `*` matches any text; every other character matches itself. */
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

/** Adds the counts of one unit to those of the whole source. */
export function addCounts(counts: ShapeCounts, unit: ShapeCounts): void {
  const { merged, split, broken, threadsOf, threads, aliased, cleaned } = unit;
  counts.merged += merged;
  counts.split += split;
  counts.broken += broken;
  counts.threads += threads;
  counts.cleaned += cleaned;
  for (const [name, count] of threadsOf) addThreads(name, count, counts.threadsOf);
  for (const [name, count] of aliased) addThreads(name, count, counts.aliased);
}

function addThreads(name: string, count: number, threadsOf: Map<string, number>): void {
  const known = threadsOf.get(name);
  if (known !== undefined) threadsOf.set(name, known + count);
  else if (threadsOf.size < 100_000) threadsOf.set(name, count);
}

/**
 * Counts only the first 100,000 people, to bound the memory: if the owner is not among them, the chats have no owner.
 * Shared names do not count, because they belong to several people.
 */
function countThreads(people: Set<string>, shared: string[], counts: ShapeCounts): void {
  counts.threads++;
  for (const name of people) if (!shared.includes(name)) addThreads(name, 1, counts.threadsOf);
}

/** Merged messages keep the time of the first one; their texts are joined with a space. */
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
  for (const { from } of messages) renaming.pseudonym(from);
  return messages.map(({ from, time, text }) => ({
    from: renaming.pseudonym(from),
    time,
    text: renaming.inText(text),
  }));
}
