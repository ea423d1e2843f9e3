import { Type } from '@sinclair/typebox';
import type { StageContext, ValuesOf } from '../../src/pipeline/stage-kind.ts';
import { engineParam, weightsParam } from '../shared-params.ts';

export const params = {
  weights: weightsParam,
  split: Type.Union([Type.Literal('validation'), Type.Literal('test')], {
    default: 'validation',
    description:
      'validation: the text that training was validated on; test: text that influenced no choice in training, if the tokenize stage held some out',
  }),
  engine: engineParam,
};

export type Params = ValuesOf<typeof params>;
export type Context = StageContext<Params, object>;
