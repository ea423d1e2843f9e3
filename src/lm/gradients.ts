import * as tf from '@tensorflow/tfjs-core';
import type { Tensor } from '@tensorflow/tfjs-core';
import { forward, type Gpt2Config, logits, type Weights } from './gpt2.ts';
import { meanCrossEntropy } from './loss.ts';

/** The mean loss over a batch, tokens and labels [B, T], and its gradient for each weight by name. */
export function lossAndGradients(config: Gpt2Config, weights: Weights, tokens_BT: Tensor, labels_BT: Tensor): { loss: Tensor; gradients: Weights } {
  const names = Object.keys(weights);
  const lossOf = (...values: Tensor[]): tf.Scalar => {
    const traced = Object.fromEntries(names.map((name, i) => [name, values[i]!]));
    const x_NC = forward(config, traced, { tokens_BT });
    return meanCrossEntropy(logits(traced, x_NC), tf.reshape(labels_BT, [-1])) as tf.Scalar;
  };
  const { value, grads } = tf.valueAndGrads(lossOf)(names.map((name) => weights[name]!));
  return { loss: value, gradients: Object.fromEntries(names.map((name, i) => [name, grads[i]!])) };
}
