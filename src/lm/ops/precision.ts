import * as tf from '@tensorflow/tfjs-core';
import type { Tensor } from '@tensorflow/tfjs-core';

/** Precision of the inputs of matrix products. Weights, sums, norms and the loss are always float32. */
export type Precision = 'fp32' | 'bf16';

/**
 * Converts to the precision of matrix products. tfjs treats bfloat16 as float32; the engine distinguishes them and, if
 * an op gets both, uses float32. Gradients are not converted.
 */
export function lowered(precision: Precision, x: Tensor): Tensor {
  if (precision === 'fp32') return x;
  const cast = tf.customGrad((...given: unknown[]) => ({
    value: tf.engine().runKernel<Tensor>('ToBfloat16', { x: given[0] as Tensor }),
    gradFunc: (dy: Tensor) => dy,
  }));
  return cast(x);
}

/** Converts to float32, for sums and powers. The gradient is converted to the precision of matrix products. */
export function raised(precision: Precision, x: Tensor): Tensor {
  if (precision === 'fp32') return x;
  const cast = tf.customGrad((...given: unknown[]) => ({
    value: tf.engine().runKernel<Tensor>('ToFloat32', { x: given[0] as Tensor }),
    gradFunc: (dy: Tensor) => tf.engine().runKernel<Tensor>('ToBfloat16', { x: dy }),
  }));
  return cast(x);
}
