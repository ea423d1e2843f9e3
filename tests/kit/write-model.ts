import { writeCheckpoint, type ModelShape, type TrainingRecord } from '../../src/artifacts/checkpoint/checkpoint.ts';
import type { TensorSource } from '../../src/artifacts/checkpoint/safetensors.ts';
import { defaultTokenizer } from '../../src/tokenizer/identity.ts';
import { tokenizerFiles } from '../../src/tokenizer/open-tokenizer.ts';

/** A model's folder as the train stage writes it, with GPT-2's tokenizer. */
export async function writeModel(
  dir: string,
  {
    model,
    separator = defaultTokenizer.separator,
    ...rest
  }: { model: ModelShape; separator?: number; training: TrainingRecord; tensors: TensorSource[] },
): Promise<void> {
  await writeCheckpoint(dir, {
    model,
    separator,
    tokenizer: tokenizerFiles(defaultTokenizer, model.context),
    ...rest,
  });
}
