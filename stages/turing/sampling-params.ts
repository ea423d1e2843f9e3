import { Type } from '@sinclair/typebox';
import { engineParam, weightsParam } from '../shared-params.ts';

/** How the models write, as in the kind `sample`. */
export const params = {
  temperature: Type.Number({
    minimum: 0,
    maximum: 100,
    default: 0.9,
    description: 'below 1: safer and more repetitive; above 1: wilder; 0: always the most likely token',
  }),
  topK: Type.Integer({
    minimum: 0,
    default: 0,
    description: 'draw only from the k most likely tokens and those tied with the k-th; 0: from all',
  }),
  topP: Type.Number({
    exclusiveMinimum: 0,
    maximum: 1,
    default: 1,
    description:
      'draw only from the most likely tokens that together reach this probability, including the one that crosses it; 1: from all',
  }),
  repetitionPenalty: Type.Number({
    minimum: 1,
    maximum: 10,
    default: 1,
    description: 'makes tokens that are already in the text less likely; 1: off',
  }),
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
