import * as tf from '@tensorflow/tfjs-core';
import type { Tensor } from '@tensorflow/tfjs-core';

/** `rate` is the share of values set to zero; `seed_2`, int32 [2], is different in each step. */
export interface Dropout {
  rate: number;
  seed_2: Tensor;
}

/**
 * Sets a share of the values to zero and scales up the others to preserve the mean. The choice is a pure function of
 * the step's seed and `site`, a different number for each use in the model, so a resumed run and a recomputed block
 * drop the same values.
 */
export function dropout(x: Tensor, site: number, drop: Dropout | undefined): Tensor {
  if (!drop) return x;
  return tf.mul(
    x,
    tf
      .engine()
      .runKernel<Tensor>('DropoutMask', { seed: drop.seed_2 }, { shape: x.shape, rate: drop.rate, index: site }),
  );
}
