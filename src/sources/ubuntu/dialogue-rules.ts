import type { Conversation, Message } from '../../artifacts/conversations.ts';
import { conversationHash } from '../conversation-hash.ts';
import { newHashSet } from './hash-set.ts';
import { drop, type Tally } from '../tally.ts';

/** Which dialogues to keep. */
export interface DialogueRules {
  /** a turn: consecutive messages of one speaker */
  minTurns: number;
  /** 0: no limit */
  maxTurns: number;
  /** the exact number of speakers; 0: any number */
  speakers: number;
  /** names of bots, in any case; their messages are dropped before the other rules apply */
  bots: string[];
  /** `drop`: drop a dialogue that is identical to an earlier one, in this file or another */
  duplicates: 'drop' | 'keep';
}

/**
 * Returns a function that takes a dialogue whose messages are counted as read. It counts them as kept or dropped, and
 * returns the dialogue, without bots, if it is kept.
 */
export function dialogueKeeper(rules: DialogueRules, tally: Tally): (dialogue: Conversation) => Conversation | null {
  const isBot = nameRule(rules.bots);
  const seen = rules.duplicates === 'drop' ? newHashSet() : null;
  return (dialogue) => {
    const messages = rules.bots.length > 0 ? withoutBots(dialogue.messages, isBot, tally) : dialogue.messages;
    if (messages.length === 0) return null;
    const kept = messages === dialogue.messages ? dialogue : { id: dialogue.id, messages };
    const reason = whyDropped(messages, rules) ?? (seen && isKnown(kept, seen) ? 'in a dialogue met before' : null);
    if (reason !== null) {
      drop(tally, reason, messages.length);
      return null;
    }
    tally.kept += messages.length;
    return kept;
  };
}

/**
 * Whether a name is one of these, in any case. Answers are cached, because a corpus has millions of messages but only
 * thousands of names.
 */
function nameRule(names: string[]): (name: string) => boolean {
  const wanted = new Set(names.map((name) => name.toLowerCase()));
  const known = new Map<string, boolean>();
  return (name) => {
    let answer = known.get(name);
    if (answer === undefined) {
      answer = wanted.has(name.toLowerCase());
      if (known.size < MOST_REMEMBERED) known.set(name, answer);
    }
    return answer;
  };
}

const MOST_REMEMBERED = 100_000;

function withoutBots(messages: Message[], isBot: (name: string) => boolean, tally: Tally): Message[] {
  if (!messages.some(({ from }) => isBot(from))) return messages;
  const people = messages.filter(({ from }) => !isBot(from));
  drop(tally, 'said by a bot', messages.length - people.length);
  return people;
}

function whyDropped(messages: Message[], { minTurns, maxTurns, speakers }: DialogueRules): string | null {
  if (speakers > 0 && new Set(messages.map(({ from }) => from)).size !== speakers)
    return `in a dialogue not of ${speakers} speakers`;
  if (minTurns <= 1 && maxTurns === 0) return null;
  const turns = messages.reduce(
    (count, { from }, i) => (i > 0 && from === messages[i - 1]!.from ? count : count + 1),
    0,
  );
  if (turns < minTurns) return 'in a dialogue of too few turns';
  return maxTurns > 0 && turns > maxTurns ? 'in a dialogue of too many turns' : null;
}

function isKnown(dialogue: Conversation, seen: ReturnType<typeof newHashSet>): boolean {
  const { high, low } = conversationHash(dialogue);
  return !seen.add(high, low);
}
