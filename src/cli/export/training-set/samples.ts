import type { Message } from '../../../artifacts/conversations.ts';
import { splitOne } from '../../../sources/split-on-silence.ts';
import { fittingPieces, type Measured } from './pieces.ts';
import { UNSEEN, namedText, turnsOf, type Turn } from './turns.ts';

export interface SampleRules {
  /** whose messages are learned */
  me: string;
  /** a silence of this length ends a conversation; 0: none does */
  gapMs: number;
  /** limit of a sample's estimated tokens */
  mostTokens: number;
  tokensOf(text: string): number;
}

/** What became of messages. Each message has one fate. */
export interface Fates {
  /** mine: in a turn that is marked for the loss */
  learned: number;
  /** of others: in a turn before one of mine */
  context: number;
  /** of others, left out: nothing of mine follows in the sample */
  unanswered: number;
  /** of others, left out: I write nothing in the conversation, or in this part of a long one */
  withoutMe: number;
  /** left out: only white space */
  empty: number;
}

export interface Samples {
  /** turns of each sample: they alternate, the last one is mine, the first one is not */
  samples: Turn[][];
  fates: Fates;
  /** conversations after cutting at gaps */
  conversations: number;
  /** conversations that were cut at their longest silence, because they were too long */
  cut: number;
  /** samples above the limit: a single message each */
  longer: number;
  /** samples that begin with me, so with `UNSEEN` */
  openings: number;
  /** messages with text that a tokenizer may read as a control token */
  controls: number;
  /** estimated tokens of all samples */
  tokens: number;
}

/** A trainer's template adds about this much to a turn: begin, role, line break, end, line break. */
export const TOKENS_PER_MESSAGE = 5;

export const noSamples = (): Samples => ({
  samples: [],
  fates: { learned: 0, context: 0, unanswered: 0, withoutMe: 0, empty: 0 },
  conversations: 0,
  cut: 0,
  longer: 0,
  openings: 0,
  controls: 0,
  tokens: 0,
});

/**
 * Makes samples from the messages of one conversation, or of a part of it. `named`: more than two people write in the
 * conversation, so the messages of others begin with their names.
 */
export function samplesOf(messages: Message[], { named, ...rules }: SampleRules & { named: boolean }): Samples {
  const made = noSamples();
  const written = messages.filter(({ text }) => text.trim() !== '');
  made.fates.empty = messages.length - written.length;
  if (written.length === 0) return made;
  made.controls = written.filter(({ text }) => CONTROL.test(text)).length;
  const whole = { id: '', messages: written };
  for (const conversation of rules.gapMs > 0 ? splitOne(whole, rules.gapMs) : [whole])
    addSamples(made, conversation.messages, { named, ...rules });
  return made;
}

// ---------------------------------------------------------------------------

function addSamples(
  made: Samples,
  messages: Message[],
  { named, me, mostTokens, tokensOf }: SampleRules & { named: boolean },
): void {
  const measured = messages.map((message): Measured => {
    const mine = message.from === me;
    const tokens = tokensOf(named && !mine ? namedText(message) : message.text) + TOKENS_PER_MESSAGE;
    return { time: message.time, mine, tokens };
  });
  const opening = tokensOf(UNSEEN) + TOKENS_PER_MESSAGE;
  const { pieces, unanswered, withoutMe } = fittingPieces(measured, { most: mostTokens, opening });
  made.conversations++;
  made.fates.unanswered += unanswered;
  made.fates.withoutMe += withoutMe;
  if (pieces.length > 1) made.cut++;
  for (const { first, end } of pieces) {
    const part = measured.slice(first, end);
    const learned = part.filter(({ mine }) => mine).length;
    const isOpening = part[0]!.mine;
    const tokens = part.reduce((sum, message) => sum + message.tokens, isOpening ? opening : 0);
    made.fates.learned += learned;
    made.fates.context += part.length - learned;
    made.openings += isOpening ? 1 : 0;
    made.longer += tokens > mostTokens ? 1 : 0;
    made.tokens += tokens;
    made.samples.push(turnsOf(messages.slice(first, end), { me, named }));
  }
}

/** Such as `<|im_end|>`, `</s>`, `[/INST]` and LLaMA-Factory's `<image>`. */
const CONTROL = /<\|[^|<>\s]{1,40}\|>|<\/?s>|\[\/?INST\]|<(?:image|video|audio|start_of_turn|end_of_turn|eos|bos|pad)>/;
