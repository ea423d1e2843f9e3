import * as tf from '@tensorflow/tfjs-core';
import type { Tensor } from '@tensorflow/tfjs-core';
import type { Weights } from './gpt2.ts';

export interface AdamW {
  /** share of the old average that the running mean of the gradient keeps */
  beta1: number;
  /** the same for its square */
  beta2: number;
  /** added to the root of the squares, so that a silent weight is not divided by zero */
  epsilon: number;
  /** pull towards zero, in units of the rate; for matrices only */
  weightDecay: number;
  /** longest gradient, over all weights together; a longer one is shortened to it */
  clip: number;
}

/** Moments, zero at the start, are the optimizer's whole memory besides the number of the step. */
export interface OptimizerState {
  weights: Weights;
  m: Weights;
  v: Weights;
}

/**
 * The three numbers of an update that depend on its place in training, in double precision: `step` counts finished updates, so the
 * first is made at 0. Bias corrections come from the step alone, so a resumed run has the bits of an undisturbed one.
 */
export function updateScalars({ beta1, beta2 }: AdamW, rate: number, step: number): { rate: number; stepSize: number; spread: number } {
  return { rate, stepSize: rate / (1 - beta1 ** (step + 1)), spread: 1 / (1 - beta2 ** (step + 1)) };
}

/**
 * One update (Loshchilov and Hutter, «Decoupled weight decay regularization», 2019): decay acts on the weights, not through the
 * gradient. `scalars` are `updateScalars` as 0-d tensors. Gives the new state and the gradient's length before clipping.
 */
export function adamw(
  { weights, m, v }: OptimizerState,
  gradients: Weights,
  { optimizer, scalars }: { optimizer: AdamW; scalars: Record<'rate' | 'stepSize' | 'spread', Tensor> },
): OptimizerState & { gradientNorm: Tensor } {
  const { beta1, beta2, epsilon, weightDecay, clip } = optimizer;
  const gradientNorm = globalNorm(Object.values(gradients));
  // 1e-6 as in PyTorch's clip_grad_norm_: a zero gradient stays zero instead of becoming NaN
  const shrink = tf.minimum(1, tf.div(clip, tf.add(gradientNorm, 1e-6)));
  const keep = tf.sub(1, tf.mul(scalars.rate, weightDecay));
  const next: OptimizerState = { weights: {}, m: {}, v: {} };
  for (const [name, weight] of Object.entries(weights)) {
    const gradient = tf.mul(gradients[name]!, shrink);
    const mean = tf.add(tf.mul(beta1, m[name]!), tf.mul(1 - beta1, gradient));
    const square = tf.add(tf.mul(beta2, v[name]!), tf.mul(1 - beta2, tf.square(gradient)));
    const change = tf.div(tf.mul(scalars.stepSize, mean), tf.add(tf.sqrt(tf.mul(scalars.spread, square)), epsilon));
    const decayed = weight.rank >= 2 ? tf.mul(weight, keep) : weight;
    next.weights[name] = tf.sub(decayed, change);
    next.m[name] = mean;
    next.v[name] = square;
  }
  return { ...next, gradientNorm };
}

function globalNorm(gradients: Tensor[]): Tensor {
  return tf.sqrt(tf.addN(gradients.map((gradient) => tf.sum(tf.square(gradient)))));
}
