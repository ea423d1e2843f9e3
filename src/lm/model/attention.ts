import * as tf from '@tensorflow/tfjs-core';
import type { Tensor } from '@tensorflow/tfjs-core';
import { attentionBlocks } from './attention-blocks.ts';
import { onePass } from '../ops/fused.ts';
import { lowered, type Precision, raised } from '../ops/precision.ts';

/**
 * Attention in which each position sees itself and those before it. Scores are computed in blocks of rows, each with
 * only the columns that its last row may see, so for a long context almost half of them are never computed.
 */
export function causalAttention(
  q_BHTD: Tensor,
  k_BHTD: Tensor,
  v_BHTD: Tensor,
  options: { precision: Precision; dropAt: (shares_BHTS: Tensor, block: number) => Tensor },
): Tensor {
  const T = q_BHTD.shape[2]!;
  const blocks = attentionBlocks(T, options.precision);
  if (blocks.length === 1)
    return attention(
      { q_BHTD, k_BHSD: k_BHTD, v_BHSD: v_BHTD, mask_TS: causalMask(T) },
      { ...options, dropAt: (shares) => options.dropAt(shares, 0) },
    );
  const rows = (x: Tensor, start: number, end: number): Tensor =>
    tf.slice(x, [0, 0, start, 0], [-1, -1, end - start, -1]);
  const outputs = blocks.map(({ start, end }, block) => {
    const mask_TS = tf.slice(causalMask(T), [start, 0], [end - start, end]);
    return attention(
      { q_BHTD: rows(q_BHTD, start, end), k_BHSD: rows(k_BHTD, 0, end), v_BHSD: rows(v_BHTD, 0, end), mask_TS },
      { ...options, dropAt: (shares) => options.dropAt(shares, block) },
    );
  });
  return tf.concat(outputs, 2);
}

/** `mask_TS` is added to the scores: 0 if position t may see position s, `BLOCKED` if not. */
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

/** Low enough for an exponential of exactly 0, but no sum overflows; the value of nshepperd's gpt-2. */
export const BLOCKED = -1e10;

// ---------------------------------------------------------------------------------------------------------------------

/** Computed in the program from T numbers, because a [T, T] constant in each layer would take too much memory. */
function causalMask(T: number): Tensor {
  const positions_T = tf.range(0, T, 1, 'int32');
  return tf.where(tf.greater(positions_T, tf.expandDims(positions_T, 1)), BLOCKED, 0);
}
