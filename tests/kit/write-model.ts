import type { TrainingRecord } from '../../src/artifacts/checkpoint/checkpoint.ts';
import type { TensorSource } from '../../src/artifacts/checkpoint/safetensors.ts';
import type { ModelConfig } from '../../src/lm/model/architecture.ts';
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
