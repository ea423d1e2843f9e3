import { existsSync, mkdirSync, rmSync } from 'node:fs';
import { writeCheckpoint, type TrainingRecord } from '../../src/artifacts/checkpoint/checkpoint.ts';
import type { TensorSource } from '../../src/artifacts/checkpoint/safetensors.ts';
import { publishFolder } from '../../src/files/sync.ts';
import type { ModelLayout } from '../../src/lm/model/architecture.ts';
import type { TokenizerIdentity } from '../../src/tokenizer/identity.ts';
import { tokenizerFiles } from '../../src/tokenizer/open-tokenizer.ts';

export interface WrittenModel {
  model: ModelLayout;
  tokenizer: TokenizerIdentity;
  /** id that ends a document in the model's tokens */
  separator: number;
  training: TrainingRecord;
  tensors: TensorSource[];
}

/** Writes weights, config, tokenizer and training record to a folder that other tools can read. */
export async function writeModel(
  dir: string,
  { model, tokenizer, separator, training, tensors }: WrittenModel,
): Promise<void> {
  await writeCheckpoint(dir, {
    config: model.huggingFaceConfig(separator),
    tokenizer: tokenizerFiles(tokenizer, model.config.context),
    training,
    tensors,
  });
}

/** Like `writeModel`, but atomic: the folder is complete or does not exist. Does nothing if it exists. */
export async function publishModel(dir: string, written: WrittenModel): Promise<void> {
  if (existsSync(dir)) return; // written, with the same bytes, by an attempt that was killed before its next checkpoint
  const partialDir = `${dir}.partial`;
  rmSync(partialDir, { recursive: true, force: true });
  mkdirSync(partialDir, { recursive: true });
  await writeModel(partialDir, written);
  publishFolder(partialDir, dir);
}
