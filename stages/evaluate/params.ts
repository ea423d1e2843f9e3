import { Type } from '@sinclair/typebox';
import type { StageContext, ValuesOf } from '../../src/pipeline/stage-kind.ts';
import { engineParam, weightsParam } from '../shared-params.ts';

export const params = {
  weights: weightsParam,
  split: Type.Union([Type.Literal('validation'), Type.Literal('test')], {
    default: 'validation',
    description:
      'validation: the text that training looked at now and then; test: text that nothing was chosen by, where the tokenize stage holds some out',
  }),
  engine: engineParam,
};

export type Params = ValuesOf<typeof params>;
export type Context = StageContext<Params, object>;
