import * as tf from '@tensorflow/tfjs-core';
import type { Tensor } from '@tensorflow/tfjs-core';

/**
 * Returns x, but only once `after` has been computed. Otherwise an engine that runs a whole graph would merge values
 * that are computed twice to save memory, or compute early what should wait until memory is free.
 */
export function barrier(x: Tensor, after: Tensor[]): Tensor {
  const afters = Object.fromEntries(after.map((tensor, index) => [`after${index}`, tensor]));
  return tf.engine().runKernel<Tensor>('Barrier', { x, ...afters });
}
