import { Type, type Static } from '@sinclair/typebox';
import { closedObject } from '../../../src/pipeline/define-contract.ts';
import type { Training } from '../../../src/lm/training/training-step.ts';

/** Params that trade memory against time or precision. By default, everything is exact and stays in memory. */
export const memoryParams = {
  precision: Type.Union([Type.Literal('fp32'), Type.Literal('bf16')], {
    default: 'fp32',
    description:
      'precision of matrix products. bf16 keeps 8 of 24 bits and is a third faster on processors that support it; weights, sums and the optimizer stay fp32, so it saves little memory. Only with engine tensorflow',
  }),
  recompute: Type.Union(
    [
      Type.Literal('none'),
      Type.Literal('blocks'),
      closedObject({
        every: Type.Integer({
          minimum: 1,
          maximum: 1024,
          description: 'number of blocks that are recomputed together',
        }),
      }),
    ],
    {
      default: 'none',
      description:
        'saves memory, mostly with a long context. blocks: keep only the input of each block and recompute the rest in the backward pass, which takes a fifth more time; { every: n }: keep only the input of every n-th block. The result is the same',
    },
  ),
  lossRows: Type.Integer({
    minimum: 0,
    default: 0,
    description:
      'number of positions whose logits, one for each token id, are in memory at once; 0: all of them (batchSize x context). 1024 takes hardly any extra time and helps when a batch has many more positions',
  }),
  dropout: Type.Number({
    minimum: 0,
    exclusiveMaximum: 1,
    default: 0,
    description:
      'share of embeddings, attention weights and block outputs that is set to zero in each training step, at random; 0.1 helps a large model on a small corpus',
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
