import type { TokenReader } from '../../src/artifacts/tokens/tokens.ts';
import { counted } from '../../src/numbers/counted.ts';
import { StageInputError } from '../../src/pipeline/stage-kind.ts';
import { passedOverFor, type Match } from './rivals/matching.ts';
import type { TestedModel } from './rivals/open-model.ts';
import type { Programs } from './pairs.ts';
import type { Params } from './params.ts';
import { leaks } from './judging/programs.ts';
import { rounded } from './judging/rounded.ts';
import { isMemorized } from '../../src/artifacts/tokens/train-runs.ts';
import type { Windows } from './real/windows.ts';

/** Conversations that people are asked about. */
export const askedWindows = (params: Params, models: number): number => {
  const questions = params.questions * models;
  const duels = params.against.includes('eliza') ? params.duels * models : 0;
  const catches = params.against.length > 0 ? Math.round(params.catch * questions) : 0;
  return questions + duels + catches;
};

/** Real texts for which every model should write a matching one. */
export const wantedWindows = (params: Params, models: number): number =>
  Math.max(params.automatic, askedWindows(params, models));

export function checkInputs(tokens: TokenReader, models: readonly TestedModel[], { split }: Params): void {
  if (models.length === 0) throw new StageInputError('there is no checkpoint to test', 'add one to inputs');
  const wrong = models.find(({ model }) => model.config.vocabularySize !== tokens.index.vocabularySize);
  if (wrong)
    throw new StageInputError(
      `the tokens have a vocabulary of ${tokens.index.vocabularySize} ids, ${wrong.name} has one of ${wrong.model.config.vocabularySize}`,
      'test on tokens with the same encoding',
    );
  if (tokens.split(split).documents > 0) return;
  const other = split === 'test' ? 'validation' : 'test';
  throw new StageInputError(
    `nothing is held out: the tokens have no ${split} text`,
    `raise \`${split}\` of the tokenize stage${tokens.split(other).documents > 0 ? `, or set split: ${other}` : ''}`,
  );
}

export function checkWindows({ first, seen, unfit }: Windows, params: Params, models: number): void {
  const asked = askedWindows(params, models);
  if (first.length >= asked) return;
  const reasons = Object.entries(unfit).sort(([, a], [, b]) => b - a);
  throw new StageInputError(
    `${first.length} of ${counted(seen, 'held-out conversation')} are suitable, and ${asked} are needed${reasons.length > 0 ? ` (${reasons.map(([reason, count]) => `${reason}: ${count}`).join('; ')})` : ''}`,
    `raise \`${params.split}\` of the tokenize stage, or lower \`questions\`, \`duels\`, \`context\` or \`lines\``,
  );
}

/** Returns the share of the real texts that are in train. */
export function checkMatch({ all, used }: Match, { first }: Windows, params: Params, models: number): number {
  const inTrain = all.filter(({ realFound }) => isMemorized(realFound)).length;
  if (inTrain > MOST_IN_TRAIN * all.length)
    throw new StageInputError(
      `${inTrain} of ${all.length} held-out texts repeat the training text (a run of 20 tokens, or runs of 8 for half of the text), so memorization cannot be measured`,
      'remove repeated conversations before the split; the `leaks` param of the tokenize stage finds them',
    );
  const duels = params.against.includes('eliza') ? params.duels : 0;
  const asked = (params.questions + duels) * models;
  if (used.length < asked) {
    const reasons = new Map<string, number>();
    for (const { tries } of all)
      for (const one of tries.flat()) {
        const why = passedOverFor(one);
        if (why !== null) reasons.set(why, (reasons.get(why) ?? 0) + 1);
      }
    const list = [...reasons].sort(([, a], [, b]) => b - a).map(([reason, count]) => `${reason}: ${count}`);
    throw new StageInputError(
      `the model wrote a matching text for only ${used.length} of ${first.length} real ones, and ${asked} are needed (passed over: ${list.join('; ') || 'none'})`,
      `raise \`draws\` or \`lengthWithin\`, raise \`${params.split}\` of the tokenize stage, or lower \`questions\` or \`lines\``,
    );
  }
  return rounded(all.length === 0 ? 0 : inTrain / all.length);
}

export function checkLeaks(programs: Programs): void {
  const found = leaks(programs);
  if (found.length === 0) return;
  throw new StageInputError(
    `the test itself gives real texts away: ${found.map((name) => `${name} was right in ${programs[name].right} of ${programs[name].pairs} pairs of real texts`).join(', ')}`,
    'none of its questions can be used; please report this bug, with the template of the tokenize stage',
  );
}

const MOST_IN_TRAIN = 0.05;
