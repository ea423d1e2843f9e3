import * as tf from '@tensorflow/tfjs-core';
import type { Tensor } from '@tensorflow/tfjs-core';

/**
 * x again, but available only once `after` has been computed. Without it an engine that runs a whole graph merges what
 * is computed twice to save memory, or computes early what was meant to wait for room.
 */
export function barrier(x: Tensor, after: Tensor[]): Tensor {
  const afters = Object.fromEntries(after.map((each, index) => [`after${index}`, each]));
  return tf.engine().runKernel<Tensor>('Barrier', { x, ...afters });
}
