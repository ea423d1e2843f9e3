import { Type } from '@sinclair/typebox';
import type { StageContext, ValuesOf } from '../../src/pipeline/stage-kind.ts';

export const params = {
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
};

export type Params = ValuesOf<typeof params>;
export type Context = StageContext<Params, object>;
