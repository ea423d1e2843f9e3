import * as tf from '@tensorflow/tfjs-core';
import type { Tensor } from '@tensorflow/tfjs-core';
import { attentionBlocks } from './attention-blocks.ts';
import { onePass } from '../ops/fused.ts';
import { lowered, type Precision, raised } from '../ops/precision.ts';

/**
 * Each position sees itself and those before it. Scores are computed in blocks of rows, each with the columns that its
 * last row may see, so for a long context almost half of them are never computed.
 */
export function causalAttention(
  q_BHTD: Tensor,
  k_BHTD: Tensor,
  v_BHTD: Tensor,
  how: { precision: Precision; dropAt: (shares_BHTS: Tensor, block: number) => Tensor },
): Tensor {
  const T = q_BHTD.shape[2]!;
  const blocks = attentionBlocks(T, how.precision);
  if (blocks.length === 1)
    return attention(
      { q_BHTD, k_BHSD: k_BHTD, v_BHSD: v_BHTD, mask_TS: causalMask(T) },
      { ...how, dropAt: (shares) => how.dropAt(shares, 0) },
    );
  const from = (x: Tensor, start: number, end: number): Tensor =>
    tf.slice(x, [0, 0, start, 0], [-1, -1, end - start, -1]);
  const read = blocks.map(({ start, end }, block) => {
    const mask_TS = tf.slice(causalMask(T), [start, 0], [end - start, end]);
    return attention(
      { q_BHTD: from(q_BHTD, start, end), k_BHSD: from(k_BHTD, 0, end), v_BHSD: from(v_BHTD, 0, end), mask_TS },
      { ...how, dropAt: (shares) => how.dropAt(shares, block) },
    );
  });
  return tf.concat(read, 2);
}

/** `mask_TS` is added to the scores: 0 where position t may see position s, `BLOCKED` where not. */
export function attention(
  { q_BHTD, k_BHSD, v_BHSD, mask_TS }: Record<'q_BHTD' | 'k_BHSD' | 'v_BHSD' | 'mask_TS', Tensor>,
  {
    precision = 'fp32',
    dropAt = (shares) => shares,
  }: { precision?: Precision; dropAt?: (shares_BHTS: Tensor) => Tensor } = {},
): Tensor {
  const D = q_BHTD.shape[3]!;
  const shares = (scores_BHTS: Tensor, mask: Tensor): Tensor =>
    lowered(precision, tf.softmax(tf.add(tf.mul(raised(precision, scores_BHTS), 1 / Math.sqrt(D)), mask)));
  const shares_BHTS = onePass(
    precision,
    `shares_${D}`,
    [tf.matMul(q_BHTD, k_BHSD, false, true)],
    (scores, mask) => shares(scores, mask),
    [mask_TS],
  );
  return tf.matMul(lowered(precision, dropAt(shares_BHTS)), v_BHSD);
}

/** So low that its exponential is exactly 0, and that no sum overflows; the value of nshepperd's gpt-2. */
export const BLOCKED = -1e10;

// ---------------------------------------------------------------------------------------------------------------------

/** Computed from T numbers: a [T, T] constant in each layer would take memory many times over. */
function causalMask(T: number): Tensor {
  const positions_T = tf.range(0, T, 1, 'int32');
  return tf.where(tf.greater(positions_T, tf.expandDims(positions_T, 1)), BLOCKED, 0);
}
