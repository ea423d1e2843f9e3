import { openTokens, type TokenSplit } from '../../src/artifacts/tokens/tokens.ts';
import { VOCABULARY_DIGEST } from '../../src/artifacts/tokens/vocabulary.ts';
import { weightsBySize } from '../../src/lm/data/mix.ts';
import { StageInputError } from '../../src/pipeline/stage-kind.ts';
import { count } from './params/count.ts';
import { START_PORT } from './params/init.ts';
import { checkSpeakers } from './learnt.ts';
import type { Context, Params } from './params/params.ts';

/** One of the token sets that are trained on. */
export interface Input {
  name: string;
  /** in the mix; 0 for those that only a phase, the review or a detour draws from */
  weight: number;
  train: TokenSplit;
  /** names by their numbers in the labels, from 1 on */
  speakers: string[];
  validation: TokenSplit;
  separator: number;
  close(): void;
}

/** Opens them, those of the mix first and in its order, and says before anything is computed what cannot be trained on. */
export function openInputs({ params, inputs, emit }: Context): Input[] {
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
      separator: checkedVocabulary(name, reader.index, params.model),
      close: reader.close,
    };
  });
  const bySize = weightsBySize(
    opened.slice(0, names.length).map(({ train }) => train.tokens),
    params.mixTemperature,
  );
  const weighted = opened.map((input, place): Input => ({
    ...input,
    weight: params.mix[place]?.weight ?? bySize[place] ?? 0,
  }));
  checkTexts(weighted, params, emit);
  checkSpeakers(weighted, params.learn);
  return weighted;
}

/** Those in the mix, and those that only a phase, the review or a detour names. */
export function usedInputs(
  { mix, mixPhases, review, detour }: Pick<Params, 'mix' | 'mixPhases' | 'review' | 'detour'>,
  ports: string[],
): { names: string[]; aside: string[] } {
  const sometimes = [review?.from, detour?.to].filter((name) => name !== undefined);
  const names = mix.length > 0 ? mix.map(({ from }) => from) : ports.filter((name) => !sometimes.includes(name)).sort();
  const others = [...mixPhases.flatMap((phase) => phase.mix.map(({ from }) => from)), ...sometimes];
  return { names, aside: [...new Set(others)].filter((name) => !names.includes(name)) };
}

function checkedVocabulary(
  name: string,
  index: ReturnType<typeof openTokens>['index'],
  model: Params['model'],
): number {
  if (index.vocabularySize !== model.vocabularySize) {
    const hint = `set model.vocabularySize to ${index.vocabularySize}`;
    throw new StageInputError(
      `the tokens of ${name} come from a vocabulary of ${index.vocabularySize}, the model has one of ${model.vocabularySize}`,
      hint,
    );
  }
  if (index.tokenizer.vocabulary !== VOCABULARY_DIGEST) {
    throw new StageInputError(
      `the tokens of ${name} were made with another vocabulary (${index.tokenizer.name}) than GPT-2's`,
      'tokenize them anew',
    );
  }
  return index.separator;
}

function checkTexts(inputs: Input[], { model, schedule, detour, stop }: Params, emit: Context['emit']): void {
  for (const { name, train, validation } of inputs) {
    if (train.tokens < 2)
      throw new StageInputError(
        `${name} has no text to train on`,
        'give it more text, or a smaller `validation` in its tokenize stage',
      );
    if (train.tokens < model.context) {
      emit({
        kind: 'warning',
        text: `${name} has ${count(train.tokens)} tokens to train on, fewer than one window of ${count(model.context)}: its windows are padded, and it will soon be known by heart`,
      });
    }
    if (validation.tokens < 2)
      emit({ kind: 'warning', text: `${name} has no held-out text: it has no validation loss` });
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
    `${needs} when the validation loss no longer falls, but ${main.map(({ name }) => name).join(' and ')} has no held-out text`,
    'raise `validation` of its tokenize stage',
  );
}
