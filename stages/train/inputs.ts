import { openTokens, type TokenSplit } from '../../src/artifacts/tokens.ts';
import { VOCABULARY_DIGEST } from '../../src/artifacts/vocabulary.ts';
import { StageInputError } from '../define-stage.ts';
import { count } from './count.ts';
import type { Context, Params } from './params.ts';

/** One of the token sets that are trained on. */
export interface Input {
  name: string;
  weight: number;
  train: TokenSplit;
  validation: TokenSplit;
  separator: number;
  close(): void;
}

/** Opens them in the order of the mix, and says before anything is computed what cannot be trained on. */
export function openInputs({ params, inputs, emit }: Context): Input[] {
  const { mix, model } = params;
  const names = mix.length > 0 ? mix.map(({ from }) => from) : Object.keys(inputs).sort();
  const opened = names.map((name, place): Input => {
    const reader = openTokens(inputs[name]!);
    const train = reader.split('train');
    const weight = mix[place]?.weight ?? train.tokens;
    return { name, weight, train, validation: reader.split('validation'), separator: checkedVocabulary(name, reader.index, model), close: reader.close };
  });
  checkSizes(opened, params);
  for (const { name, validation } of opened) {
    if (validation.tokens < 2) emit({ kind: 'warning', text: `${name} has no held-out text: it has no validation loss` });
  }
  return opened;
}

function checkedVocabulary(name: string, index: ReturnType<typeof openTokens>['index'], model: Params['model']): number {
  if (index.vocabularySize !== model.vocabularySize) {
    const hint = `set model.vocabularySize to ${index.vocabularySize}`;
    throw new StageInputError(`the tokens of ${name} come from a vocabulary of ${index.vocabularySize}, the model has one of ${model.vocabularySize}`, hint);
  }
  if (index.tokenizer.vocabulary !== VOCABULARY_DIGEST) {
    throw new StageInputError(`the tokens of ${name} were made with another vocabulary (${index.tokenizer.name}) than GPT-2's`, 'tokenize them anew');
  }
  return index.separator;
}

function checkSizes(inputs: Input[], { model, batchSize }: Params): void {
  for (const { name, train } of inputs) {
    if (train.tokens > model.context) continue;
    const hint = train.tokens > 2 ? `set model.context to ${train.tokens - 1} or less, or give it more text` : 'give it more text';
    throw new StageInputError(`${name} has ${count(train.tokens)} tokens to train on, fewer than one window of ${count(model.context + 1)}`, hint);
  }
  const windows = inputs.reduce((sum, { train }) => sum + Math.floor(train.tokens / model.context), 0);
  if (windows < batchSize) {
    const tokens = inputs.reduce((sum, { train }) => sum + train.tokens, 0);
    const hint = `set batchSize to ${windows} or less, model.context to ${Math.max(2, Math.floor(tokens / batchSize) - 1)} or less, or give it more text`;
    throw new StageInputError(`there are ${count(tokens)} tokens to train on, ${windows} windows of ${count(model.context)}: fewer than one batch of ${batchSize}`, hint);
  }
}
