import { openTokens, type TokenSplit } from '../../src/artifacts/tokens/tokens.ts';
import { weightsBySize } from '../../src/lm/data/mix.ts';
import { defaultTokenizer, tokenizerWith, type TokenizerIdentity } from '../../src/tokenizer/identity.ts';
import { StageInputError } from '../../src/pipeline/stage-kind.ts';
import { count } from './params/count.ts';
import { START_PORT } from './params/init.ts';
import { checkSpeakers } from './loss-mask.ts';
import type { Context, Params, WrittenContext } from './params/params.ts';

/** A token set that is trained on. */
export interface Input {
  name: string;
  /** weight in the mix; 0 if only a phase, the review or a detour uses the input */
  weight: number;
  train: TokenSplit;
  /** names; the labels refer to them by number, starting at 1 */
  speakers: string[];
  validation: TokenSplit;
  tokenizer: TokenizerIdentity;
  /** id that ends a document */
  separator: number;
  vocabularySize: number;
  close(): void;
}

/** Opens the token sets: first those of the mix, in its order. */
export function openInputs({ params, inputs }: WrittenContext): Input[] {
  const { names, aside } = usedInputs(
    params,
    Object.keys(inputs).filter((name) => name !== START_PORT),
  );
  const opened = [...names, ...aside].map((name) => {
    const reader = openTokens(inputs[name]!);
    return {
      name,
      train: reader.split('train'),
      speakers: reader.index.speakers,
      validation: reader.split('validation'),
      tokenizer: tokenizerOf(name, reader.index),
      separator: reader.index.separator,
      vocabularySize: reader.index.vocabularySize,
      close: reader.close,
    };
  });
  const bySize = weightsBySize(
    opened.slice(0, names.length).map(({ train }) => train.tokens),
    params.mixTemperature,
  );
  return opened.map((input, index): Input => ({
    ...input,
    weight: params.mix[index]?.weight ?? bySize[index] ?? 0,
  }));
}

/** Throws, before anything is computed, if the model cannot be trained on the inputs. */
export function checkInputs(inputs: Input[], { params, emit }: Context): void {
  for (const input of inputs) checkVocabulary(input, params.model);
  checkTexts(inputs, params, emit);
  checkSpeakers(inputs, params.learn);
}

/** Names of the inputs in the mix, and of those that only a phase, the review or a detour uses. */
export function usedInputs(
  { mix, mixPhases, review, detour }: Pick<Params, 'mix' | 'mixPhases' | 'review' | 'detour'>,
  ports: string[],
): { names: string[]; aside: string[] } {
  const sometimes = [review?.from, detour?.to].filter((name) => name !== undefined);
  const names = mix.length > 0 ? mix.map(({ from }) => from) : ports.filter((name) => !sometimes.includes(name)).sort();
  const others = [...mixPhases.flatMap((phase) => phase.mix.map(({ from }) => from)), ...sometimes];
  return { names, aside: [...new Set(others)].filter((name) => !names.includes(name)) };
}

function tokenizerOf(name: string, { tokenizer }: ReturnType<typeof openTokens>['index']): TokenizerIdentity {
  const known = tokenizerWith(tokenizer.vocabulary);
  if (known) return known;
  throw new StageInputError(
    `the tokens of ${name} have the vocabulary of ${tokenizer.name}, not of ${defaultTokenizer.title}`,
    'tokenize them again',
  );
}

function checkVocabulary({ name, vocabularySize }: Input, model: Params['model']): void {
  if (vocabularySize === model.vocabularySize) return;
  throw new StageInputError(
    `the tokens of ${name} have a vocabulary of ${vocabularySize} ids, the model has one of ${model.vocabularySize}`,
    `set model.vocabularySize to ${vocabularySize}`,
  );
}

function checkTexts(inputs: Input[], { model, schedule, detour, stop }: Params, emit: Context['emit']): void {
  for (const { name, train, validation } of inputs) {
    if (train.tokens < 2)
      throw new StageInputError(
        `${name} has no text to train on`,
        'add more text, or lower `validation` in its tokenize stage',
      );
    if (train.tokens < model.context) {
      emit({
        kind: 'warning',
        text: `${name} has ${count(train.tokens)} tokens to train on, fewer than one window of ${count(model.context)}: its windows are padded, and the model will soon memorize it`,
      });
    }
    if (validation.tokens < 2)
      emit({ kind: 'warning', text: `${name} has no held-out text, so it has no held-out loss` });
  }
  const main = inputs.filter(({ weight }) => weight > 0);
  if (main.some(({ validation }) => validation.tokens >= 2)) return;
  const needs = detour
    ? 'a detour begins'
    : stop?.patience !== undefined
      ? 'stop.patience ends training'
      : schedule.kind === 'plateau'
        ? 'the rate falls'
        : null;
  if (needs === null) return;
  throw new StageInputError(
    `${needs} when the held-out loss stops falling, but ${main.map(({ name }) => name).join(' and ')} has no held-out text`,
    'raise `validation` in its tokenize stage',
  );
}
