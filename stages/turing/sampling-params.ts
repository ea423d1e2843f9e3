import { Type } from '@sinclair/typebox';
import { engineParam, samplingParams, weightsParam } from '../shared-params.ts';

/** How the models write, as in the kind `sample`. */
export const params = {
  ...samplingParams,
  temperature: { ...samplingParams.temperature, default: 0.9 },
  seed: Type.Integer({
    minimum: 0,
    maximum: 4294967295,
    default: 1337,
    description: 'another seed makes another test',
  }),
  weights: weightsParam,
  precision: Type.Union([Type.Literal('fp32'), Type.Literal('bf16')], {
    default: 'fp32',
    description: 'bf16: the matrices of the blocks are rounded to bfloat16',
  }),
  engine: engineParam,
};
