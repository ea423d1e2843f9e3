import type { Conversation, Message } from '../../artifacts/conversations.ts';
import { gatherMessages, type Gathering } from '../gather-messages.ts';
import { notice, type Tally } from '../tally.ts';

/**
 * How much of the open conversations is held in memory. Beyond it, the one that has gone longest without a new message
 * is assumed to be over.
 */
const MOST_CHARS = 16 * 2 ** 20;

/**
 * Groups messages of many interleaved conversations. Each conversation is sorted by time if every message has one;
 * rows that come newest first are turned round.
 */
export interface NamedGathering {
  /** Returns the conversations that end with this message. */
  add(name: string, message: Message, place: () => string): Conversation[];
  end(): Conversation[];
}

export function gatherByName(tally: Tally): NamedGathering {
  /** in order of their latest message */
  const open = new Map<string, { gathering: Gathering; chars: number }>();
  const over = new Set<string>();
  let chars = 0;
  const rows = direction();
  const close = (name: string): Conversation[] => {
    const { gathering, chars: freed } = open.get(name)!;
    open.delete(name);
    chars -= freed;
    const rest = gathering.end();
    return rest ? [inOrder(rest, rows.isNewestFirst())] : [];
  };
  return {
    add(name, message, place) {
      const entry = open.get(name) ?? { gathering: gatherMessages(name), chars: 0 };
      if (!open.delete(name) && over.has(name))
        notice(
          tally,
          'conversation whose rows lie too far apart to be one: its later rows became another of the same name',
          place(),
        );
      open.set(name, entry);
      rows.add(message);
      const size = message.text.length + message.from.length + name.length + PER_MESSAGE;
      entry.chars += size;
      chars += size;
      const full = entry.gathering.add(message);
      const ended = full ? [inOrder(full, rows.isNewestFirst())] : [];
      if (full) {
        chars -= entry.chars;
        entry.chars = 0;
      }
      for (const [oldest] of open) {
        if (chars <= MOST_CHARS || oldest === name) break;
        ended.push(...close(oldest));
        if (over.size < REMEMBERED) over.add(oldest);
      }
      return ended;
    },
    end: () => [...open.keys()].flatMap(close),
  };
}

const PER_MESSAGE = 64;
const REMEMBERED = 100_000;

/**
 * Some exports begin with the newest message. Their rows are turned round before they are sorted, so that messages of
 * the same minute keep their order. A conversation whose times are all the same follows the other rows of the file.
 */
export function inOrder({ id, messages }: Conversation, isFileNewestFirst: boolean): Conversation {
  const own = direction();
  for (const message of messages) own.add(message);
  if (own.isNewestFirst() || (own.isLevel() && isFileNewestFirst)) messages.reverse();
  if (messages.some(({ time }) => time === null)) return { id, messages };
  return { id, messages: messages.sort((a, b) => a.time! - b.time!) };
}

/** Counts the steps forwards and backwards in time from row to row. */
function direction() {
  let forwards = 0;
  let backwards = 0;
  let last: number | null = null;
  return {
    add({ time }: Message): void {
      if (time === null) return;
      if (last !== null && time > last) forwards++;
      if (last !== null && time < last) backwards++;
      last = time;
    },
    isNewestFirst: (): boolean => backwards > forwards,
    isLevel: (): boolean => backwards === 0 && forwards === 0,
  };
}
