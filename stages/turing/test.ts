import type { TokenReader, TokenSplit } from '../../src/artifacts/tokens/tokens.ts';
import type { Tokenizer } from '../../src/tokenizer/tokenizer.ts';
import type { Reading } from '../../src/held-out/conversation.ts';
import type { StartedModel } from './rivals/open-model.ts';
import type { Params } from './params.ts';
import type { Progress } from './progress.ts';
import type { Features } from './judging/programs.ts';
import { rounded } from './judging/rounded.ts';
import { charactersOf, punctuationOf, type ShownText } from './real/shown.ts';
import { NOT_RECITED, textTokens } from './real/text-tokens.ts';
import { findInTrain, type FoundInTrain } from '../../src/artifacts/tokens/train-runs.ts';
import type { Window, Windows } from './real/windows.ts';

/** All that a test is made from. */
export interface Test {
  params: Params;
  signal: AbortSignal;
  tokens: TokenReader;
  split: TokenSplit;
  tokenizer: Tokenizer;
  reading: Reading;
  windows: Windows;
  /** in the order of their names */
  models: StartedModel[];
  progress: Progress;
  /** how a real text goes when it goes the way of a model's */
  path(window: Window): PlacedText | null;
  /** one pass of train */
  findInTrain(texts: readonly PlacedText[]): FoundInTrain[];
}

/** A text that stands, or could stand, in a place of a conversation. */
export interface PlacedText {
  window: Window;
  lines: readonly ShownText[];
}

/** All that is known of a text. */
export interface TextFacts extends Features {
  tokens: number;
  longestRun: number;
  punctuation: number;
}

export const findPlaced = (
  texts: readonly PlacedText[],
  { tokens, reading }: Pick<Test, 'tokens' | 'reading'>,
): FoundInTrain[] =>
  findInTrain(
    tokens.split('train'),
    texts.map(({ window, lines }) => textTokens(lines, window, reading).toFind),
    NOT_RECITED,
  );

export interface FoundText extends PlacedText {
  found: FoundInTrain;
}

/** Measures the texts, in the order given, under a model. The same text in the same place is read only once. */
export async function factsOf(texts: readonly FoundText[], model: StartedModel, test: Test): Promise<TextFacts[]> {
  const toScore = texts.map(({ window, lines }) => textTokens(lines, window, test.reading).toScore);
  const keys = toScore.map(({ ids }) => ids.join(' '));
  const indexes = new Map(keys.map((key, i) => [key, i]));
  const distinct = [...indexes.values()];
  const scores = await model.scorer.score(
    distinct.map((i) => toScore[i]!),
    (done) => {
      test.signal.throwIfAborted();
      test.progress.scored(done, distinct.length);
    },
  );
  const scoreOf = new Map(distinct.map((index, i) => [keys[index]!, scores[i]!]));
  return texts.map(({ lines, found }, i) => {
    const { logProbabilities, ranks } = scoreOf.get(keys[i]!)!;
    const below = (most: number): number => rounded(ranks.filter((rank) => rank < most).length / ranks.length);
    return {
      lines,
      chars: charactersOf(lines),
      punctuation: punctuationOf(lines),
      tokens: ranks.length,
      logProbability: rounded(logProbabilities.reduce((sum, value) => sum + value, 0) / ranks.length),
      ranks: [below(10), below(100), below(1000)],
      longestRun: found.longest,
      recited: rounded(found.share),
    };
  });
}
