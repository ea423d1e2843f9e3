import { Type } from '@sinclair/typebox';
import { leaksParam } from '../leak-check.ts';
import type { StageContext, ValuesOf } from '../../src/pipeline/stage-kind.ts';

export const params = {
  source: Type.String({
    minLength: 1,
    description:
      "a .bin file of GPT-2 token ids, or a folder of such files; in a folder, train, val or test in a file's name assigns it to a split",
  }),
  layout: Type.Union([Type.Literal('auto'), Type.Literal('nanogpt'), Type.Literal('llmc')], {
    default: 'auto',
    description:
      "nanogpt: only 16-bit ids; llmc: 16-bit ids after llm.c's header of 1,024 bytes; auto: detected for each file",
  }),
  validation: Type.Number({
    minimum: 0,
    maximum: 0.5,
    default: 0.05,
    description: 'share of documents held out of training, if no file has val in its name',
  }),
  seed: Type.Integer({
    minimum: 0,
    maximum: 4294967295,
    default: 1337,
    description: 'another seed holds out other documents',
  }),
  leaks: leaksParam,
};

export type Params = ValuesOf<typeof params>;
export type Context = StageContext<Params, object>;
