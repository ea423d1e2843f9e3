import type { TokenSplit } from '../../../src/artifacts/tokens/tokens.ts';
import { below, permutation, randomAt } from '../../../src/lm/random/random.ts';
import type { Tokenizer } from '../../../src/tokenizer/tokenizer.ts';
import {
  readConversation,
  type Conversation,
  type Reading,
  type RealLine,
} from '../../../src/held-out/conversation.ts';
import { charactersOf, shown, type ShownText } from './shown.ts';

/** A place in a held-out conversation: real lines before it, and the real lines that a model has to imitate. */
export interface Window {
  document: number;
  /** number of the first line of the real text */
  line: number;
  context: RealLine[];
  /** how many of these lines, the last ones, fit into the context of the models */
  read: number;
  real: RealLine[];
  /** the real text as it is shown */
  text: ShownText[];
  /** what a model reads before it writes: the context, up to the text of the first line */
  promptIds: number[];
  /** tokens of the real text, with the heads of its lines */
  realTokens: number;
  people: string[];
}

export interface Wanted {
  seed: number;
  context: number;
  lines: number;
  /** the shortest context of the models, in tokens */
  mostTokens: number;
}

export interface Windows {
  /** conversations that were looked at */
  seen: number;
  /** one window for each conversation that fits, in the order of the seed */
  first: Window[];
  /** other windows of the same conversations, which share no line of their real text */
  second: Window[];
  unfit: Record<string, number>;
}

export const FEWEST_CHARACTERS = 40;

/** Longest text that is written for a real one of that many tokens; a longer one does not match anyhow. */
export const longestDraw = (realTokens: number): number => Math.ceil(1.5 * realTokens) + 32;

/** Looks at held-out conversations in a random order until `enough` of them fit. */
export function findWindows(split: TokenSplit, enough: number, wanted: Wanted, reading: Reading): Windows {
  const found: Windows = { seen: 0, first: [], second: [], unfit: {} };
  const known = new Set<string>();
  for (const document of permutation(randomAt(wanted.seed, 0, 'questions'), split.documents)) {
    if (found.first.length >= enough) break;
    found.seen++;
    const [first, second] = windowsIn(readConversation(split, document, reading), wanted, reading.tokenizer);
    const isNew = typeof first === 'object' && !known.has(textKey(first));
    if (isNew) {
      found.first.push(first);
      if (typeof second === 'object' && !known.has(textKey(second))) found.second.push(second);
      for (const window of [first, second]) if (typeof window === 'object') known.add(textKey(window));
    } else {
      const reason = typeof first === 'string' ? first : 'same text as another one';
      found.unfit[reason] = (found.unfit[reason] ?? 0) + 1;
    }
  }
  return found;
}

/** The first two places of a conversation that fit, or why none does. */
export function windowsIn(
  conversation: Conversation,
  wanted: Wanted,
  tokenizer: Tokenizer,
): [Window | string, Window | string | undefined] {
  const { context, lines, seed } = wanted;
  const places = conversation.lines.length - context - lines + 1;
  if (places < 1) return ['too few lines', undefined];
  const random = randomAt(seed, 1, 'questions', conversation.document);
  const first: Window[] = [];
  let reason = '';
  for (let attempt = 0; attempt < PLACES && first.length < 2; attempt++) {
    const line = context === 0 ? 0 : context + below(random, places);
    if (first.some((window) => Math.abs(window.line - line) < lines)) continue;
    const window = windowAt(conversation, line, wanted, tokenizer);
    if (typeof window === 'object') first.push(window);
    else reason ||= window;
  }
  return [first[0] ?? reason, first[1]];
}

// ---------------------------------------------------------------------------

/** Places that are tried in a conversation. */
const PLACES = 6;

const textKey = ({ text }: Window): string => text.map((line) => line.text).join('\n');

function windowAt(
  { document, header, lines, people }: Conversation,
  line: number,
  { context, lines: count, mostTokens }: Wanted,
  tokenizer: Tokenizer,
): Window | string {
  const all = lines.slice(line - context, line + count);
  if (!all.every((one) => one !== null)) return 'unreadable line';
  const before = all.slice(0, context);
  const real = all.slice(context);
  const text = real.map((one) => ({ who: one.who, text: shown(one.text) }));
  if (all.some((one) => shown(one.text) === '')) return 'empty line';
  if (all.some((one) => one.text.includes('\uFFFD'))) return 'broken character';
  if (charactersOf(text) < FEWEST_CHARACTERS) return `fewer than ${FEWEST_CHARACTERS} characters`;
  const realTokens = tokenizer.encode(real.map((one) => `${one.whole}\n`).join('')).length;
  const promptOf = (read: number): number[] => {
    const isStart = line === read;
    const lines = before.slice(before.length - read).map((one) => `${one.whole}\n`);
    const prompt = `${isStart ? header : ''}${lines.join('')}${real[0]!.head}`;
    return [...(isStart ? [tokenizer.separator] : []), ...tokenizer.encode(prompt)];
  };
  // A model with a short context reads the latest lines only, as it does in a chat.
  let read = context;
  let promptIds = promptOf(read);
  while (read > 0 && promptIds.length + longestDraw(realTokens) > mostTokens) promptIds = promptOf(--read);
  if (promptIds.length + longestDraw(realTokens) > mostTokens) return "too long for the model's context";
  if (promptIds.length === 0) return 'nothing before the text';
  return { document, line, context: before, read, real, text, promptIds, realTokens, people };
}
