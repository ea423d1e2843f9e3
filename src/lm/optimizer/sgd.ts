import * as tf from '@tensorflow/tfjs-core';
import type { OptimizerRule } from './rule.ts';

export interface Sgd {
  kind: 'sgd';
  /** share of the old velocity that is kept; 0 remembers nothing and needs no memory */
  momentum: number;
  /** look ahead by one more step of the velocity */
  nesterov: boolean;
  /** added to the gradient of matrices, times the weight */
  weightDecay: number;
  /** longest gradient, over all weights together; a longer one is shortened to it */
  clip: number;
}

/**
 * Stochastic gradient descent by PyTorch's rule: the velocity sums gradients, and the rate multiplies it when it is
 * used.
 */
export function sgd({ momentum, nesterov, weightDecay }: Sgd): OptimizerRule {
  return {
    memory: (shape): Record<string, number[]> => (momentum > 0 ? { velocity: shape } : {}),
    scalarNames: ['rate'],
    scalars: (rate) => ({ rate }),
    next({ weight, gradient, memory: { velocity }, scalars: { rate }, settle }) {
      const pull = weightDecay > 0 && weight.rank >= 2 ? tf.add(gradient, tf.mul(weightDecay, weight)) : gradient;
      const moved = velocity ? settle(tf.add(tf.mul(momentum, velocity), pull), velocity) : pull;
      const change = velocity && nesterov ? tf.add(pull, tf.mul(momentum, moved)) : moved;
      return { weight: tf.sub(weight, tf.mul(rate!, change)), memory: { velocity: moved } };
    },
  };
}
