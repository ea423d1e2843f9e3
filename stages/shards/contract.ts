import { Type } from '@sinclair/typebox';
import { defineContract } from '../../src/pipeline/stage-kind.ts';
import { sourceFiles } from './source-files.ts';

export const params = Type.Object(
  {
    source: Type.String({
      minLength: 1,
      description:
        "a .bin file of GPT-2's token ids, or a folder of them; in a folder train, val and test in a file's name say what it is for",
    }),
    layout: Type.Union([Type.Literal('auto'), Type.Literal('nanogpt'), Type.Literal('llmc')], {
      default: 'auto',
      description:
        "nanogpt: bare 16-bit ids; llmc: the same behind llm.c's header of 1,024 bytes; auto: found out, file by file",
    }),
    validation: Type.Number({
      minimum: 0,
      maximum: 0.5,
      default: 0.05,
      description: 'share of documents held out of training, where no file is named for validation',
    }),
    seed: Type.Integer({
      minimum: 0,
      maximum: 4294967295,
      default: 1337,
      description: 'another seed holds out other documents',
    }),
  },
  { additionalProperties: false },
);
const runtime = Type.Object({}, { additionalProperties: false });

export const contract = defineContract({
  kind: 'shards',
  version: 1,
  summary: "reads token ids that nanoGPT's or llm.c's scripts wrote (.bin) as tokens to train and evaluate on",
  params,
  runtime,
  sources: ['source'],
  sourceFiles,
  sourceHelp: () =>
    "nanoGPT's data/NAME with train.bin and val.bin, llm.c's dev/data/NAME with NAME_train_000001.bin …, or one such file; ids of GPT-2's encoding, 16 bits each",
  inputs: {},
  output: 'tokens',
  computes: false,
});
