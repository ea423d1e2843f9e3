import type { Message } from '../../../artifacts/conversations.ts';

/** What one side says before the other side answers. */
export interface Turn {
  mine: boolean;
  text: string;
}

/**
 * Stands for what the sample does not show, where it begins with a turn of mine: trainers demand that the other side
 * begins. The same in every language, and it says nothing of the answer.
 */
export const UNSEEN = '[…]';

/**
 * Joins consecutive messages of one side, a line each. Turns alternate, and the first one is not mine. `named`: the
 * messages of others begin with the sender's name, except where the same person goes on.
 */
export function turnsOf(messages: Message[], { me, named }: { me: string; named: boolean }): Turn[] {
  const turns: Turn[] = messages[0]?.from === me ? [{ mine: false, text: UNSEEN }] : [];
  let before: string | null = null;
  for (const message of messages) {
    const mine = message.from === me;
    const line = named && !mine && message.from !== before ? namedText(message) : message.text;
    const last = turns.at(-1);
    if (last?.mine === mine) last.text += `\n${line}`;
    else turns.push({ mine, text: line });
    before = message.from;
  }
  return turns;
}

export const namedText = ({ from, text }: Message): string => (from === '' ? text : `${from}: ${text}`);
