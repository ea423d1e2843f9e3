import type { Conversation, Message } from '../artifacts/conversations.ts';

/**
 * A longer conversation is cut, `id#2` and so on, so that a file without gaps does not fill the memory. Counted in
 * UTF-16 units.
 */
export const LONGEST_CONVERSATION_CHARS = 4 * 2 ** 20;

/** Messages of one conversation, until it ends or is too long to be held. */
export interface Gathering {
  /** Returns the conversation so far if this message filled it. */
  add(message: Message): Conversation | null;
  /** What is left; null if there is nothing. */
  end(): Conversation | null;
}

export function gatherMessages(id: string): Gathering {
  let messages: Message[] = [];
  let chars = 0;
  let piece = 1;
  const finish = (): Conversation => {
    const conversation = { id: piece === 1 ? id : `${id}#${piece}`, messages };
    [messages, chars] = [[], 0];
    piece++;
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

/** A message without words costs memory too. */
const PER_MESSAGE = 32;
