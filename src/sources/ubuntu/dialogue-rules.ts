import type { Conversation, Message } from '../../artifacts/conversations.ts';
import { conversationHash } from '../conversation-hash.ts';
import { newHashSet } from './hash-set.ts';
import { drop, type Tally } from '../tally.ts';

/** What a dialogue must be to be kept. */
export interface DialogueRules {
  /** a turn: all that one speaker says until another does */
  minTurns: number;
  /** 0: any number */
  maxTurns: number;
  /** exactly so many speakers; 0: any number */
  speakers: number;
  /** names of programs, in any case; what they say is dropped before the rest is looked at */
  bots: string[];
  /** `drop`: a dialogue whose messages were all met before, in this file or another, is dropped */
  duplicates: 'drop' | 'keep';
}

/**
 * Takes a dialogue whose messages are counted as read, and returns it if it is kept; its messages are accounted for in
 * both cases.
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
 * Whether a name is one of these, in any case. The answer is remembered: a corpus has millions of messages and some
 * thousand names.
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
