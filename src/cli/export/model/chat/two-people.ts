import { openTokens } from '../../../../artifacts/tokens/tokens.ts';
import { acquaint } from '../../../../chat/people.ts';
import { ownerOf } from '../../../use/chat-partners.ts';
import type { TrainedTokens } from '../trained-on.ts';

/** Names of the two people of a chat. */
export interface TwoPeople {
  user: string;
  assistant: string;
}

/**
 * The user is the owner of the chats, or else who writes most; the assistant is who shares most conversations with
 * them. Null if fewer than two people write.
 */
export function twoPeople({ dir, conversations }: TrainedTokens): TwoPeople | null {
  const reader = openTokens(dir);
  try {
    const { people, closestTo } = acquaint(reader);
    const owner = ownerOf(conversations);
    const user = (people.find(({ name }) => name === owner) ?? people[0])?.name;
    const assistant = user === undefined ? null : closestTo(user);
    return user === undefined || assistant === null ? null : { user, assistant };
  } finally {
    reader.close();
  }
}
