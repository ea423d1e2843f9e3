import type { Conversation, Message } from '../artifacts/conversations.ts';

/**
 * A longer conversation is split into `id`, `id#2` and so on, so that a file without gaps does not fill the memory. In
 * UTF-16 code units.
 */
export const LONGEST_CONVERSATION_CHARS = 4 * 2 ** 20;

/** Collects the messages of one conversation until it ends or grows too long. */
export interface Gathering {
  /** Returns the conversation so far if this message makes it full. */
  add(message: Message): Conversation | null;
  /** Returns the remaining messages; null if there are none. */
  end(): Conversation | null;
}

export function gatherMessages(id: string): Gathering {
  let messages: Message[] = [];
  let chars = 0;
  let part = 1;
  const finish = (): Conversation => {
    const conversation = { id: part === 1 ? id : `${id}#${part}`, messages };
    [messages, chars] = [[], 0];
    part++;
    return conversation;
  };
  return {
    add(message) {
      messages.push(message);
      chars += message.text.length + message.from.length + PER_MESSAGE;
      return chars >= LONGEST_CONVERSATION_CHARS ? finish() : null;
    },
    end: () => (messages.length > 0 ? finish() : null),
  };
}

/** An empty message costs memory too. */
const PER_MESSAGE = 32;
