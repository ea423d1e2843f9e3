import { Type, type Static } from '@sinclair/typebox';
import { closedObject } from '../../../src/pipeline/define-contract.ts';
import type { Training } from '../../../src/lm/training/training-step.ts';

/** Params that trade memory, time and exactness; their defaults are exact and keep everything. */
export const memoryParams = {
  precision: Type.Union([Type.Literal('fp32'), Type.Literal('bf16')], {
    default: 'fp32',
    description:
      'of matrix products: bf16 keeps 8 of 24 bits and is a third faster on processors that have it; weights, sums and the optimizer stay fp32, so it saves little memory. Engine tensorflow only',
  }),
  recompute: Type.Union(
    [
      Type.Literal('none'),
      Type.Literal('blocks'),
      closedObject({
        every: Type.Integer({
          minimum: 1,
          maximum: 1024,
          description: 'blocks that are kept and recomputed together',
        }),
      }),
    ],
    {
      default: 'none',
      description:
        'blocks: keep only what goes into each block and compute the rest of it again on the way back, in a fifth more time; what all blocks keep, the most of a long context, goes; { every: n }: the same for n blocks together; the result is the same',
    },
  ),
  lossRows: Type.Integer({
    minimum: 0,
    default: 0,
    description:
      'positions whose logits, one for each token id, exist at once, so that all of them (batchSize x context) never do; 1024 costs no time to speak of, and helps where a batch has many more; 0: all at once',
  }),
  dropout: Type.Number({
    minimum: 0,
    exclusiveMaximum: 1,
    default: 0,
    description:
      'share of the embeddings, attention weights and block outputs that is set to zero in training, others at every step; 0.1 helps a large model on a small corpus',
  }),
};

type MemoryParams = { [Name in keyof typeof memoryParams]: Static<(typeof memoryParams)[Name]> };

/** How the training computes its gradients. */
export function gradientOptions({
  precision,
  recompute,
  lossRows,
  dropout,
}: MemoryParams): NonNullable<Training['options']> {
  const recomputeEvery = recompute === 'none' ? 0 : recompute === 'blocks' ? 1 : recompute.every;
  return { precision, recomputeEvery, lossRows, dropout };
}
