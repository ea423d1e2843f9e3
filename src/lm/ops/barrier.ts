import * as tf from '@tensorflow/tfjs-core';
import type { Tensor } from '@tensorflow/tfjs-core';

/**
 * x again, but available only once `after` has been computed. Without it an engine that runs a whole graph merges what
 * is computed twice to save memory, or computes early what was meant to wait for room.
 */
export function barrier(x: Tensor, after: Tensor[]): Tensor {
  return tf
    .engine()
    .runKernel('Barrier', { x, ...Object.fromEntries(after.map((each, place) => [`after${place}`, each])) }) as Tensor;
}
