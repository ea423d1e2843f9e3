import { join } from 'node:path';
import { openCheckpoint } from '../../../src/artifacts/checkpoint/checkpoint.ts';
import { engineChoice, openEngine } from '../../../src/engine/open-engine.ts';
import { cachedReader, cacheLengths } from '../../../src/generation/cached-reader.ts';
import { loadWeights } from '../../../src/generation/loaded-weights.ts';
import { openScorer, type Scorer } from '../../../src/generation/score-texts.ts';
import { sharedRows, type SharedRows } from '../../../src/generation/shared-rows.ts';
import { TEXTS_AT_ONCE } from '../../../src/lm/generation/generate.ts';
import type { Model } from '../../../src/lm/model/architecture.ts';
import { modelFormat } from '../../../src/lm/model/layouts.ts';
import { modelOf } from '../../../src/lm/model/models.ts';
import { tokenizerFrom } from '../../../src/tokenizer/open-tokenizer.ts';
import type { Tokenizer } from '../../../src/tokenizer/tokenizer.ts';
import type { Params } from '../params.ts';

/** A checkpoint that is tested. */
export interface TestedModel {
  /** that of its port */
  name: string;
  model: Model;
  tokenizer: Tokenizer;
  /** Loads the weights. `longest`: tokens of the longest text. */
  start(longest: number): Promise<StartedModel>;
  close(): void;
}

export interface StartedModel {
  name: string;
  rows: SharedRows;
  stopIds: number[];
  scorer: Scorer;
  /** what computes */
  engine: string;
  close(): void;
}

/** As many rows at once as a sample stage has. */
export const ROWS = TEXTS_AT_ONCE;

export function openModel(name: string, dir: string, params: Params): TestedModel {
  const checkpoint = openCheckpoint(join(dir, params.weights), modelFormat);
  const model = modelOf(checkpoint.model);
  const tokenizer = tokenizerFrom(checkpoint);
  return {
    name,
    model,
    tokenizer,
    async start(longest) {
      const engine = await openEngine({ ...engineChoice(params.engine, params.precision), wideVectors: true });
      const toLoad = { engine, model, read: checkpoint.read, rows: ROWS, precision: params.precision };
      const weights = loadWeights(toLoad);
      const reader = cachedReader({ ...toLoad, loaded: weights, lengths: cacheLengths(model, ROWS, longest) });
      return {
        name,
        rows: sharedRows(reader, model.config.context),
        stopIds: model.stopIds(tokenizer.separator),
        scorer: openScorer({ engine, model, weights }),
        engine: engine.description,
        close: () => engine.close(),
      };
    },
    close: () => checkpoint.close(),
  };
}
