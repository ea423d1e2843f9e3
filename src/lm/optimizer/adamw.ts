import * as tf from '@tensorflow/tfjs-core';
import type { OptimizerRule } from './rule.ts';

export interface AdamW {
  kind: 'adamw';
  /** share of the running mean of the gradient that each update keeps */
  beta1: number;
  /** the same for the squared gradient */
  beta2: number;
  /** added to the divisor, so that a gradient of zero is not divided by zero */
  epsilon: number;
  /** pulls matrices towards zero, in proportion to the rate */
  weightDecay: number;
  /** maximum norm of the gradient of all weights together; larger gradients are scaled down to it */
  clip: number;
}

/**
 * Loshchilov and Hutter, "Decoupled weight decay regularization", 2019: decay acts on the weights, not through the
 * gradient. Bias corrections depend only on the number of updates, so a resumed run computes the same bits as an
 * uninterrupted one.
 */
export function adamw({ beta1, beta2, epsilon, weightDecay }: Omit<AdamW, 'kind' | 'clip'>): OptimizerRule {
  return {
    memory: (shape) => ({ m: shape, v: shape }),
    scalarNames: ['rate', 'stepSize', 'squareCorrection'],
    scalars: (rate, updates) => ({
      rate,
      stepSize: rate / (1 - beta1 ** (updates + 1)),
      squareCorrection: 1 / (1 - beta2 ** (updates + 1)),
    }),
    next({ weight, gradient, memory: { m, v }, scalars: { rate, stepSize, squareCorrection }, settle }) {
      const mean = settle(tf.add(tf.mul(beta1, m!), tf.mul(1 - beta1, gradient)), m!);
      const square = settle(tf.add(tf.mul(beta2, v!), tf.mul(1 - beta2, tf.square(gradient))), v!);
      const change = tf.div(tf.mul(stepSize!, mean), tf.add(tf.sqrt(tf.mul(squareCorrection!, square)), epsilon));
      const decayed = weight.rank >= 2 ? tf.mul(weight, tf.sub(1, tf.mul(rate!, weightDecay))) : weight;
      return { weight: tf.sub(decayed, change), memory: { m: mean, v: square } };
    },
  };
}
