import type { Conversation, Message } from '../../artifacts/conversations.ts';
import { gatherMessages, type Gathering } from '../gather-messages.ts';
import { notice, type Tally } from '../tally.ts';

/**
 * So much is held of the conversations that have begun; then the one in which nothing was said for longest is taken to
 * be over.
 */
const MOST_CHARS = 16 * 2 ** 20;

/**
 * Messages of many conversations, whose rows may lie mixed, into conversations; each sorted by time if every message
 * has one.
 */
export interface NamedGathering {
  /** Returns the conversations that are over with this message. */
  add(name: string, message: Message, place: () => string): Conversation[];
  end(): Conversation[];
}

export function gatherByName(tally: Tally): NamedGathering {
  /** the one touched last stands last */
  const open = new Map<string, { gathering: Gathering; chars: number }>();
  const over = new Set<string>();
  let chars = 0;
  const close = (name: string): Conversation[] => {
    const { gathering, chars: freed } = open.get(name)!;
    open.delete(name);
    chars -= freed;
    const rest = gathering.end();
    return rest ? [inOrder(rest)] : [];
  };
  return {
    add(name, message, place) {
      const one = open.get(name) ?? { gathering: gatherMessages(name), chars: 0 };
      if (!open.delete(name) && over.has(name))
        notice(
          tally,
          'conversation whose rows lie too far apart to be one: its later rows became another of the same name',
          place(),
        );
      open.set(name, one);
      const size = message.text.length + message.from.length + name.length + PER_MESSAGE;
      one.chars += size;
      chars += size;
      const full = one.gathering.add(message);
      const ended = full ? [inOrder(full)] : [];
      if (full) {
        chars -= one.chars;
        one.chars = 0;
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

/** Exports may begin with the newest. */
function inOrder({ id, messages }: Conversation): Conversation {
  if (messages.some(({ time }) => time === null)) return { id, messages };
  return { id, messages: messages.sort((a, b) => a.time! - b.time!) };
}
