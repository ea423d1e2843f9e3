import { writeCheckpoint, type TrainingRecord } from '../../src/artifacts/checkpoint/checkpoint.ts';
import type { TensorSource } from '../../src/artifacts/checkpoint/safetensors.ts';
import type { ModelConfig } from '../../src/lm/model/architecture.ts';
import { layoutOf } from '../../src/lm/model/layouts.ts';
import { defaultTokenizer } from '../../src/tokenizer/identity.ts';
import { tokenizerFiles } from '../../src/tokenizer/open-tokenizer.ts';

/** A model's folder as the train stage writes it, with GPT-2's tokenizer. */
export async function writeModel(
  dir: string,
  {
    model,
    separator = defaultTokenizer.separator,
    ...rest
  }: { model: ModelConfig; separator?: number; training: TrainingRecord; tensors: TensorSource[] },
): Promise<void> {
  await writeCheckpoint(dir, {
    config: layoutOf(model).huggingFaceConfig(separator),
    tokenizer: tokenizerFiles(defaultTokenizer, model.context),
    ...rest,
  });
}
