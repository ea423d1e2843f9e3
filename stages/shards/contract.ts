import { defineContract } from '../../src/pipeline/define-contract.ts';
import { params } from './params.ts';
import { sourceFiles } from './source-files.ts';

export const contract = defineContract({
  kind: 'shards',
  version: 1,
  summary: "reads token ids that nanoGPT's or llm.c's scripts wrote (.bin) as tokens to train and evaluate on",
  params,
  sources: ['source'],
  sourceFiles,
  sourceHelp: () =>
    "nanoGPT's data/NAME with train.bin and val.bin, llm.c's dev/data/NAME with NAME_train_000001.bin …, or one such file; ids of GPT-2's encoding, 16 bits each",
  output: 'tokens',
  run: async (context) => (await import('../shards.ts')).run(context),
});
