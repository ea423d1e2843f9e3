import * as tf from '@tensorflow/tfjs-core';
import type { Tensor } from '@tensorflow/tfjs-core';

/**
 * The surprise at each target, in nats: logits [N, V] and token ids [N] to losses [N]. The engines' kernel gives loss and gradient in
 * one pass, and never the [N, V] one-hot that tfjs's own cross entropy would build.
 */
export function targetLosses(logits_NV: Tensor, labels_N: Tensor): Tensor {
  const losses = tf.customGrad((...inputs: unknown[]) => {
    const [logits, save] = inputs as [Tensor, (tensors: Tensor[]) => void];
    const [losses_N, backprop_NV] = tf.engine().runKernel('SparseSoftmaxCrossEntropy', { logits, labels: labels_N }) as Tensor[];
    save([backprop_NV!]);
    const gradFunc = (dy_N: Tensor, saved: Tensor[]): Tensor => tf.mul(saved[0]!, tf.expandDims(dy_N, -1));
    return { value: losses_N!, gradFunc };
  });
  return losses(logits_NV);
}

/** The mean over targets; with `weights_N`, the weighted mean: 0 leaves a target out. */
export function meanCrossEntropy(logits_NV: Tensor, labels_N: Tensor, weights_N?: Tensor): Tensor {
  const losses_N = targetLosses(logits_NV, labels_N);
  if (!weights_N) return tf.mean(losses_N);
  return tf.div(tf.sum(tf.mul(losses_N, weights_N)), tf.sum(weights_N));
}
