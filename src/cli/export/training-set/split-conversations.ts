import { statSync } from 'node:fs';
import { join } from 'node:path';
import {
  CONVERSATIONS_FILE,
  linesOf,
  parseConversation,
  readConversationBlocks,
  type Message,
} from '../../../artifacts/conversations.ts';
import { openConversationLine, type ConversationLine } from '../../../../stages/tokenize/conversation-line.ts';
import { parseTemplate } from '../../../artifacts/tokens/line-template.ts';
import type { Params } from '../../../../stages/tokenize/params.ts';
import { splitByTime } from '../../../../stages/tokenize/split-by-time.ts';
import { splitParts, type Part } from '../../../../stages/tokenize/split-parts.ts';
import { hashPosition, splitRule, type SplitRule, type Survey } from '../../../../stages/tokenize/split.ts';

/** The params of a `tokenize` stage that decide which messages are held out. */
export type SplitParams = Pick<Params, 'template' | 'validation' | 'test' | 'splitBy' | 'seed'>;

export interface SplitConversation {
  messages: Message[];
  /** in order; none if the conversation is left out, because it repeats one of another split */
  parts: Part[];
}

/**
 * The conversations in file order, split as a `tokenize` stage with these params splits them. Reads the file twice.
 * Throws an Error with the line number if a line is not a conversation, and a StageInputError if a split by time finds
 * no times.
 */
export async function* splitConversations(
  dir: string,
  params: SplitParams,
  onBytes: (done: number, total: number) => void,
): AsyncGenerator<SplitConversation> {
  const conversation = openConversationLine(parseTemplate(params.template));
  const rule = await ruleOf(dir, params, conversation);
  const total = statSync(join(dir, CONVERSATIONS_FILE)).size;
  let done = 0;
  for await (const { line, number } of conversationLines(dir)) {
    onBytes((done += line.length + 1), total);
    conversation.take(line, number);
    const position = rule.kind === 'place' ? positionOf(conversation, params.seed) : 0;
    yield {
      messages: parseConversation(line.toString(), number).messages,
      parts: splitParts(conversation, { rule, position, number }),
    };
  }
}

// ---------------------------------------------------------------------------

async function ruleOf(dir: string, params: SplitParams, conversation: ConversationLine): Promise<SplitRule> {
  if (params.splitBy === 'time') return (await splitByTime(dir, params, new AbortController().signal)).rule;
  const survey: Survey = { conversations: 0, least: Infinity, greatest: -Infinity };
  for await (const { line, number } of conversationLines(dir)) {
    conversation.take(line, number);
    const position = positionOf(conversation, params.seed);
    survey.conversations++;
    survey.least = Math.min(survey.least, position);
    survey.greatest = Math.max(survey.greatest, position);
  }
  return splitRule(survey, params);
}

const positionOf = (conversation: ConversationLine, seed: number): number =>
  hashPosition(conversation.hashInput(`${seed}\n`));

async function* conversationLines(dir: string): AsyncGenerator<{ line: Buffer; number: number }> {
  for await (const block of readConversationBlocks(dir, BLOCK_BYTES)) {
    let number = block.firstLine;
    for (const line of linesOf(block)) yield { line, number: number++ };
  }
}

const BLOCK_BYTES = 4 << 20;
