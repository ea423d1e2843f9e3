import { calledAs } from '../../files/called-as.ts';
import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { CHECKPOINT_FILES } from '../../artifacts/checkpoint/checkpoint-files.ts';
import { openCheckpoint, readModelConfig } from '../../artifacts/checkpoint/checkpoint.ts';
import { openNewestWeights } from '../../artifacts/checkpoint/training-state.ts';
import { readTokensIndex } from '../../artifacts/tokens/index.ts';
import type { Model, ModelConfig } from '../../lm/model/architecture.ts';
import { layoutOf, modelFormat } from '../../lm/model/layouts.ts';
import { modelOf } from '../../lm/model/models.ts';
import { counted } from '../../numbers/counted.ts';
import { StoreError } from '../../store/store-error.ts';
import { openTokenizer, tokenizerFrom } from '../../tokenizer/open-tokenizer.ts';
import { defaultTokenizer, tokenizerWith } from '../../tokenizer/identity.ts';
import type { Tokenizer } from '../../tokenizer/tokenizer.ts';
import type { FoundModel, TrainedOn } from '../find/find-model.ts';

/** A model to write with. */
export interface OpenModel {
  /** run, stage, weights and step, in one line */
  about: string;
  model: Model;
  tokenizer: Tokenizer;
  /** finished training steps */
  step: number;
  /** which weights these are: `best`, `final`, or `newest` of a training that has not finished */
  weights: 'best' | 'final' | 'newest';
  /** values of a weight, by its published name */
  read(name: string): Float32Array;
  close(): void;
}

/** Opens the weights; of a training that has not finished, those of its newest checkpoint. */
export function openModel(found: FoundModel, weights: 'best' | 'final'): OpenModel {
  try {
    const opened =
      'artifact' in found.weights
        ? finished(join(found.weights.artifact, weights), weights)
        : unfinished(found.weights.scratch, found);
    const about = `${found.name}/${found.stage}: ${opened.weights} weights, ${counted(opened.step, 'step')}`;
    return { ...opened, about };
  } catch (error) {
    throw new StoreError(
      `cannot read the weights of ${found.name}/${found.stage}: ${(error as Error).message}\n  hint: ${calledAs()} verify --repair, then run the pipeline again`,
      { cause: error },
    );
  }
}

// ---------------------------------------------------------------------------

type Opened = Omit<OpenModel, 'about'>;

function finished(dir: string, weights: 'best' | 'final'): Opened {
  const checkpoint = openCheckpoint(dir, modelFormat);
  return {
    model: modelOf(checkpoint.model),
    tokenizer: tokenizerFrom(checkpoint),
    step: checkpoint.training.step,
    weights,
    read: checkpoint.read,
    close: checkpoint.close,
  };
}

function unfinished(scratch: string, found: FoundModel): Opened {
  const config = configOf(scratch, found);
  const { step, read, close } = openNewestWeights(join(scratch, 'checkpoints'), layoutOf(config).weightShapes);
  return { model: modelOf(config), tokenizer: tokenizerOf(found.tokens), step, weights: 'newest', read, close };
}

/** From the weights that training began with, or the best ones so far; random ones have the size in the params. */
function configOf(scratch: string, { params }: FoundModel): ModelConfig {
  const best = join(scratch, 'best');
  const folders = [
    join(scratch, 'start'),
    ...(existsSync(best) ? readdirSync(best).map((name) => join(best, name)) : []),
  ];
  for (const folder of folders) {
    const path = join(folder, CHECKPOINT_FILES.config);
    if (existsSync(path)) return readModelConfig(path, modelFormat);
  }
  const written = params?.['model'];
  if (written === undefined) throw new Error('the size of the model is not recorded');
  return written as unknown as ModelConfig;
}

function tokenizerOf([tokens]: TrainedOn[]): Tokenizer {
  const vocabulary = tokens === undefined ? null : readTokensIndex(tokens.dir).tokenizer.vocabulary;
  return openTokenizer((vocabulary === null ? null : tokenizerWith(vocabulary)) ?? defaultTokenizer);
}
