import type { TrainingRecord } from '../../src/artifacts/checkpoint/checkpoint.ts';
import type { TensorSource } from '../../src/artifacts/checkpoint/safetensors.ts';
import type { ModelConfig } from '../../src/lm/model/architecture.ts';
import { weightShapes } from '../../src/lm/model/gpt2/weight-shapes.ts';
import { layoutOf } from '../../src/lm/model/layouts.ts';
import { defaultTokenizer } from '../../src/tokenizer/identity.ts';
import * as train from '../../stages/train/write-model.ts';

/** Writes a model folder like that of a train stage, with GPT-2's tokenizer. */
export function writeModel(
  dir: string,
  given: { model: ModelConfig; separator?: number; training: TrainingRecord; tensors: TensorSource[] },
): Promise<void> {
  const { separator } = defaultTokenizer;
  return train.writeModel(dir, { separator, tokenizer: defaultTokenizer, ...given, model: layoutOf(given.model) });
}

/** Writes a GPT-2 with these weights, as if it had been trained for `step` steps from random weights. */
export function writeWeights(
  dir: string,
  {
    model,
    weights,
    step,
    seed,
  }: { model: ModelConfig; weights: Record<string, Float32Array>; step: number; seed: number },
): Promise<void> {
  const tensors = Object.entries(weightShapes(model)).map(([name, shape]) => ({
    name,
    shape,
    read: () => weights[name]!,
  }));
  const init = { kind: 'random' as const, seed };
  return writeModel(dir, { model, training: { version: 1, step, seed, init, validationLoss: null }, tensors });
}
