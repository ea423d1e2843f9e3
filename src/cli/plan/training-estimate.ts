import { statSync } from 'node:fs';
import { join } from 'node:path';
import type { TOKENS_INDEX_FILE as TokensIndexFile, TokensIndex } from '../../artifacts/tokens/index.ts';
import { readJson } from '../../files/read-file.ts';
import { publishedWeights } from '../../artifacts/given-weights/published-weights.ts';
import { estimatedPeakBytes } from '../../lm/training/memory-estimate.ts';
import type { Facts, PlannedStage } from '../../pipeline/plan/plan.ts';
import { artifactDir } from '../../store/store.ts';
import type { Store } from '../../store/store.ts';
import { defaultTokenizer } from '../../tokenizer/identity.ts';
import { memoryShape } from '../../../stages/train/memory.ts';
import { START_PORT } from '../../../stages/train/params/init.ts';
import { sequencesPerStep } from '../../../stages/train/params/params.ts';
import type { Params, WrittenParams } from '../../../stages/train/params/params.ts';
import { measuredSpeed } from './measured-speed.ts';
import type { Speed } from './measured-speed.ts';

/** What a training that is due will take, as far as it can be known beforehand. */
export interface TrainingEstimate {
  /** tokens that it sees if it does not end early */
  tokens: number;
  /** how often it passes over its text; null while the text is not tokenized, and for a mix of several */
  passes: number | null;
  /** at the peak; null on a GPU or with the reference engine */
  memoryBytes: number | null;
  /** null while no speed is known */
  seconds: number | null;
  basedOn: Speed | null;
}

/** Null if not even the model's shape is known before the start. */
export function estimateTraining({ stage, inputs }: PlannedStage, facts: Facts, store: Store): TrainingEstimate | null {
  const written = stage.params as unknown as WrittenParams;
  const params = withModel(written);
  if (params === null) return null;
  const perStep = sequencesPerStep(params) * params.model.context;
  const tokens = params.steps * perStep;
  const text = textOf(inputs, store);
  const speed = measuredSpeed(store, {
    params: written,
    sources: facts.sources[stage.name] ?? {},
    environment: facts.environment({ engine: params.engine, precision: params.precision }),
  });
  return {
    tokens,
    passes: text === null ? null : tokens / text.train,
    memoryBytes: params.engine === 'tensorflow' ? estimatedPeakBytes(memoryShape(params)) : null,
    seconds: speed === null ? null : (tokens + validated(params, text) / VALIDATION_SPEED) / speed.tokensPerSecond,
    basedOn: speed,
  };
}

// ---------------------------------------------------------------------------

/** Validation computes no gradients, so a token takes a third of the time. */
const VALIDATION_SPEED = 3;

/** GPT-2's own weights bring their shape. */
function withModel(params: WrittenParams): Params | null {
  const { init, model } = params;
  if (model) return { ...params, model };
  if (init.kind !== 'published') return null;
  const { layers, heads, width } = publishedWeights(init.name).model;
  const { vocabularySize } = defaultTokenizer;
  return { ...params, model: { layers, heads, width, context: 1024, vocabularySize } };
}

interface Text {
  train: number;
  heldOut: number;
}

/** The tokens of the only input, if they have been made. */
function textOf(inputs: PlannedStage['inputs'], store: Store): Text | null {
  const digests = Object.entries(inputs).flatMap(([port, digest]) => (port === START_PORT ? [] : [digest]));
  const [only] = digests;
  return digests.length === 1 && only !== null && only !== undefined ? sizesIn(artifactDir(store, only)) : null;
}

/** Null for an index so large that reading it would delay the plan. */
function sizesIn(dir: string): Text | null {
  try {
    if (statSync(join(dir, TOKENS_INDEX_FILE)).size > MOST_BYTES) return null;
    const index = readJson<Pick<TokensIndex, 'splits'>>(join(dir, TOKENS_INDEX_FILE));
    const { train, validation } = index!.splits;
    return train.tokens > 0 ? { train: train.tokens, heldOut: validation.tokens } : null;
  } catch {
    return null; // the stage itself reports damage
  }
}

// Not imported: what checks an index takes longer to load than to read this one number.
const TOKENS_INDEX_FILE = 'index.json' satisfies typeof TokensIndexFile;

const MOST_BYTES = 2 ** 22;

/** Tokens of all validations together. */
function validated({ steps, validateEvery, validationBatches, batchSize, model }: Params, text: Text | null): number {
  const each = Math.min(validationBatches * batchSize * model.context, text?.heldOut ?? Infinity);
  return each * (1 + (validateEvery > 0 ? Math.ceil(steps / validateEvery) : 1));
}
