import { openEliza } from '../../../src/eliza/open-eliza.ts';
import { shippedScript } from '../../../src/eliza/shipped-script.ts';
import type { TokenSplit } from '../../../src/artifacts/tokens/tokens.ts';
import { randomAt, uniform } from '../../../src/lm/random/random.ts';
import { MOST_TOKENS, trainNgram, type NgramModel } from '../../../src/ngram/train-ngram.ts';
import type { Tokenizer } from '../../../src/tokenizer/tokenizer.ts';
import { laneOf } from './draws.ts';
import type { ShownText } from '../real/shown.ts';
import { longestDraw, type Window } from '../real/windows.ts';

/** How most people write in the held-out text. */
export interface Habits {
  startsUpper: boolean;
  endsDotted: boolean;
  /** share of words that are among 20 common English ones */
  english: number;
}

export function habitsOf(windows: readonly Window[]): Habits {
  const lines = windows.flatMap(({ context, real }) => [...context, ...real].map(({ text }) => text.trim()));
  const most = (pattern: RegExp): boolean => lines.filter((line) => pattern.test(line)).length * 2 > lines.length;
  const words = lines.flatMap((line) => line.toLowerCase().match(/[\p{L}']+/gu) ?? []);
  return {
    startsUpper: most(/^[^\p{L}]*\p{Lu}/u),
    endsDotted: most(/[.!?…]$/u),
    english: words.length === 0 ? 0 : words.filter((word) => COMMON.has(word)).length / words.length,
  };
}

/** Below this share of common English words, ELIZA would be given away by her language. */
export const LEAST_ENGLISH = 0.05;

/** ELIZA goes on from the last line before the text; each line answers the one before, by the people of the real text. */
export function elizaText({ context, real }: Window, { startsUpper, endsDotted }: Habits): ShownText[] {
  const eliza = openEliza(shippedScript());
  let said = context.at(-1)?.text ?? eliza.hello;
  return real.map(({ who }) => {
    said = eliza.answer(said);
    const lower = said.toLowerCase();
    const cased = startsUpper ? lower.replace(/\p{L}/u, (letter) => letter.toUpperCase()) : lower;
    const dotted = endsDotted && !/[.!?]$/.test(cased) ? `${cased}.` : cased;
    return { who, text: dotted };
  });
}

/** Learns from the beginning of train, as much as the n-gram model takes. */
export function ngramOf(train: TokenSplit, vocabularySize: number): NgramModel {
  return trainNgram(train.read(0, Math.min(train.tokens, MOST_TOKENS)), vocabularySize);
}

/** A text of the n-gram model, by the people of the real text, from the head of the first line on. */
export function ngramText(
  window: Window,
  draw: number,
  { model, seed, tokenizer }: { model: NgramModel; seed: number; tokenizer: Tokenizer },
): string {
  const { promptIds, real, realTokens } = window;
  const random = randomAt(seed, 4, 'questions', laneOf(window, draw));
  const ids = [...promptIds];
  let ended = 0;
  while (ended < real.length && ids.length - promptIds.length < longestDraw(realTokens)) {
    const id = model.sample(ids.slice(-3), () => uniform(random));
    if (id === tokenizer.separator) break;
    ids.push(id);
    if (!tokenizer.bytesOf(id).includes(10)) continue;
    ended++;
    if (ended < real.length) ids.push(...tokenizer.encode(real[ended]!.head));
  }
  return `${real[0]!.head}${tokenizer.decode(ids.slice(promptIds.length))}`;
}

/** The lines of another conversation, by the people of the real text. */
export const elsewhereText = ({ real }: Window, other: Window): ShownText[] =>
  real.map(({ who }, i) => ({ who, text: other.text[i]!.text }));

// ---------------------------------------------------------------------------

const COMMON: ReadonlySet<string> = new Set(
  'the be to of and a in that have i it for not on with you do at this is'.split(' '),
);
