import * as tf from '@tensorflow/tfjs-core';

/**
 * The kernel's name. Inputs: `logits`, float32 [N, V], and `labels`, int32 [N]. Outputs: the loss [N] in nats, and its
 * gradient with respect to the logits [N, V], which is softmax(logits) - onehot(labels).
 */
export const SPARSE_SOFTMAX_CROSS_ENTROPY = 'SparseSoftmaxCrossEntropy';

/** Registers the kernel, written in plain tfjs ops, for a backend that lacks it. */
export function registerSparseSoftmaxCrossEntropy(backendName: string): void {
  if (tf.getKernel(SPARSE_SOFTMAX_CROSS_ENTROPY, backendName)) return;
  tf.registerKernel({
    kernelName: SPARSE_SOFTMAX_CROSS_ENTROPY,
    backendName,
    kernelFunc: ({ inputs }) =>
      tf.tidy(() => lossAndBackprop(inputs['logits'] as tf.Tensor2D, inputs['labels'] as tf.Tensor1D)),
  });
}

function lossAndBackprop(logits_NV: tf.Tensor2D, labels_N: tf.Tensor1D): tf.Tensor[] {
  const onehot_NV = tf.cast(tf.oneHot(labels_N, logits_NV.shape[1]), 'float32');
  const shifted_NV = tf.sub(logits_NV, tf.max(logits_NV, 1, true));
  const exp_NV = tf.exp(shifted_NV);
  const sum_N1 = tf.sum(exp_NV, 1, true);
  const loss_N = tf.sub(tf.log(tf.squeeze(sum_N1, [1])), tf.sum(tf.mul(shifted_NV, onehot_NV), 1));
  return [loss_N, tf.sub(tf.div(exp_NV, sum_N1), onehot_NV)];
}
