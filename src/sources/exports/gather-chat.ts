import type { Conversation, Message } from '../../artifacts/conversations.ts';
import { gatherMessages } from '../gather-messages.ts';
import { inOrder } from '../tables/gather-by-name.ts';

/** Gathers the messages of one chat, whose name may come after them. */
export interface ChatGathering {
  name: string;
  /** Returns the conversations that are complete with this message, in order of time. */
  add(message: Message): Conversation[];
  end(): Conversation[];
}

export function gatherChat(name: string): ChatGathering {
  const gathering = gatherMessages('');
  const named = (found: Conversation | null): Conversation[] =>
    found ? [inOrder({ ...found, id: `${chat.name}${found.id}` }, false)] : [];
  const chat: ChatGathering = {
    name,
    add: (message) => named(gathering.add(message)),
    end: () => named(gathering.end()),
  };
  return chat;
}
