import { defineContract } from '../../src/pipeline/define-contract.ts';
import { params } from './params.ts';
import { sourceFiles } from './source-files.ts';

export const contract = defineContract({
  kind: 'shards',
  version: 1,
  summary: 'reads token ids in the .bin files of nanoGPT or llm.c, to train and evaluate on',
  params,
  sources: ['source'],
  sourceFiles,
  sourceHelp: () =>
    "nanoGPT's data/NAME with train.bin and val.bin, llm.c's dev/data/NAME with NAME_train_000001.bin …, or one such file; 16-bit ids of GPT-2's encoding",
  output: 'tokens',
  run: async (context) => (await import('../shards.ts')).run(context),
});
