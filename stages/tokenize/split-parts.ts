import { SPLIT_NAMES, type SplitName } from '../../src/artifacts/tokens/index.ts';
import type { ConversationLine } from './conversation-line.ts';
import { LEFT_OUT, splitAt, tailStart, type SplitRule } from './split.ts';

/** Consecutive messages of a conversation that are in one split. */
export interface Part {
  split: SplitName;
  /** index of its first message */
  first: number;
  /** index after its last message */
  end: number;
}

interface SplitInput {
  rule: SplitRule;
  position: number;
  /** number of the conversation, starting from 1 */
  number: number;
}

/** The parts of a conversation, in order; none if it is left out. */
export function splitParts(conversation: ConversationLine, { rule, position, number }: SplitInput): Part[] {
  const end = conversation.messages();
  switch (rule.kind) {
    case 'place':
      return [{ split: splitAt(position, rule), first: 0, end }];
    case 'listed': {
      const split = rule.splits[number - 1]!;
      return split === LEFT_OUT ? [] : [{ split: SPLIT_NAMES[split]!, first: 0, end }];
    }
    case 'tail': {
      const cut = tailStart(
        Array.from({ length: end }, (_, i) => renderedBytes(conversation, i)),
        rule.share,
      );
      const parts: Part[] = [
        { split: 'train', first: 0, end: cut },
        { split: 'validation', first: cut, end },
      ];
      return parts.filter(({ first, end }) => first < end);
    }
  }
}

function renderedBytes(conversation: ConversationLine, i: number): number {
  conversation.number(conversation.speakerOf(i), conversation.isNobody(conversation.speakerOf(i)) ? 0 : 1);
  conversation.clear();
  conversation.render(i, i + 1);
  return conversation.text().length;
}
