import * as tf from '@tensorflow/tfjs-core';
import type { OptimizerRule } from './rule.ts';

export interface Sgd {
  kind: 'sgd';
  /** share of the velocity that each update keeps; 0: no velocity, which needs no memory */
  momentum: number;
  /** look ahead one more step along the velocity */
  nesterov: boolean;
  /** this multiple of each weight is added to its gradient; only for matrices */
  weightDecay: number;
  /** maximum norm of the gradient of all weights together; larger gradients are scaled down to it */
  clip: number;
}

/**
 * Stochastic gradient descent by PyTorch's rule: the velocity adds up gradients, and is multiplied by the rate when it
 * is applied.
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
