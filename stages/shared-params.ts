import { Type } from '@sinclair/typebox';
import type { Computation, ParamFault } from '../src/pipeline/stage-kind.ts';

/** Params that mean the same in every kind that has them. */
export const engineParam = Type.Union([Type.Literal('tensorflow'), Type.Literal('tfjs')], {
  default: 'tensorflow',
  description: 'tensorflow: captured and fast; tfjs: op by op, as reference',
});

export const weightsParam = Type.Union([Type.Literal('best'), Type.Literal('final')], {
  default: 'best',
  description: 'best: those with the lowest validation loss; final: those of the last step',
});

/** What is wrong with `engine` and `precision` together. */
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
