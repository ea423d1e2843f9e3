import { Type } from '@sinclair/typebox';
import type { Computation, ParamFault } from '../src/pipeline/stage-kind.ts';

/** Params that have the same meaning in every kind. */
export const engineParam = Type.Union([Type.Literal('tensorflow'), Type.Literal('tfjs')], {
  default: 'tensorflow',
  description: 'tensorflow: compiled and fast; tfjs: one operation at a time, as a reference',
});

export const weightsParam = Type.Union([Type.Literal('best'), Type.Literal('final')], {
  default: 'best',
  description: 'best: the weights with the lowest validation loss; final: those of the last step',
});

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
