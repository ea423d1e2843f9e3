import * as tf from '@tensorflow/tfjs-core';
import type { Tensor } from '@tensorflow/tfjs-core';

/** Of the inputs of matrix products. Weights, sums, norms and the loss are float32 in either. */
export type Precision = 'fp32' | 'bf16';

/**
 * The same values in the precision of matrix products. To tfjs a bfloat16 is a float32; the engine knows, and lets
 * float32 win where both meet. Gradients pass as they are.
 */
export function lowered(precision: Precision, x: Tensor): Tensor {
  if (precision === 'fp32') return x;
  const cast = tf.customGrad((...given: unknown[]) => ({
    value: tf.engine().runKernel<Tensor>('ToBfloat16', { x: given[0] as Tensor }),
    gradFunc: (dy: Tensor) => dy,
  }));
  return cast(x);
}

/** Back to float32, for what is summed or raised to powers; its gradient goes back in the precision of matrix products. */
export function raised(precision: Precision, x: Tensor): Tensor {
  if (precision === 'fp32') return x;
  const cast = tf.customGrad((...given: unknown[]) => ({
    value: tf.engine().runKernel<Tensor>('ToFloat32', { x: given[0] as Tensor }),
    gradFunc: (dy: Tensor) => tf.engine().runKernel<Tensor>('ToBfloat16', { x: dy }),
  }));
  return cast(x);
}
