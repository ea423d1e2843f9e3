import { Type } from '@sinclair/typebox';
import type { Computation, ParamFault } from '../src/pipeline/stage-kind.ts';

/** Params that have the same meaning in every kind. */
export const engineParam = Type.Union([Type.Literal('tensorflow'), Type.Literal('tfjs')], {
  default: 'tensorflow',
  description: 'tensorflow: compiled and fast; tfjs: one operation at a time, as a reference',
});

export const weightsParam = Type.Union([Type.Literal('best'), Type.Literal('final')], {
  default: 'best',
  description: 'best: the weights with the lowest held-out loss; final: those of the last step',
});

/** How tokens are drawn. */
export const samplingParams = {
  temperature: Type.Number({
    minimum: 0,
    maximum: 100,
    default: 1,
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
    description: 'makes tokens that are already in the text less likely; 1.1 to 1.3 is common; 1: off',
  }),
};

/** Checks that `engine` supports `precision`. */
export function precisionFaults({ engine, precision }: Computation): ParamFault[] {
  return engine === 'tfjs' && precision === 'bf16'
    ? [
        {
          path: 'precision',
          message: 'tfjs has no bfloat16',
          hint: 'use engine: tensorflow, or precision: fp32',
        },
      ]
    : [];
}
