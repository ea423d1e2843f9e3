import * as tf from '@tensorflow/tfjs-core';
import type { Tensor } from '@tensorflow/tfjs-core';
import type { OptimizerRule } from './rule.ts';

export interface Adafactor {
  kind: 'adafactor';
  /** update t keeps the share 1 − t^−decayPower of the mean of squares, so the mean covers more and more updates */
  decayPower: number;
  /** maximum root mean square of the update of a weight, in units of the rate */
  updateClip: number;
  /** multiply the rate by the root mean square of the weight, which makes it a relative step */
  scaleByWeight: boolean;
  /** pulls matrices towards zero, in proportion to the rate */
  weightDecay: number;
  /** maximum norm of the gradient of all weights together; larger gradients are scaled down to it */
  clip: number;
}

/**
 * Shazeer and Stern, "Adafactor: adaptive learning rates with sublinear memory cost", 2018, algorithm 4, without
 * momentum. For a matrix, it stores only the row and column means of the squared gradient. The rate comes from the
 * schedule; it is not the paper's 1/√t.
 */
export function adafactor({ decayPower, updateClip, scaleByWeight, weightDecay }: Adafactor): OptimizerRule {
  return {
    memory: (shape): Record<string, number[]> =>
      shape.length < 2 ? { v: shape } : { row: shape.slice(0, -1), column: [...shape.slice(0, -2), shape.at(-1)!] },
    // `newShare` is the share of the new square, in double precision; it is 1 in the first update.
    scalarNames: ['rate', 'newShare'],
    scalars: (rate, updates) => ({ rate, newShare: (updates + 1) ** -decayPower }),
    next({ weight, gradient, memory, scalars: { rate, newShare }, settle }) {
      const square = tf.add(tf.square(gradient), SQUARE_FLOOR);
      const blend = (old: Tensor, now: Tensor): Tensor =>
        settle(tf.add(tf.mul(tf.sub(1, newShare!), old), tf.mul(newShare!, now)), old);
      const next: Record<string, Tensor> =
        weight.rank < 2
          ? { v: blend(memory['v']!, square) }
          : { row: blend(memory['row']!, tf.mean(square, -1)), column: blend(memory['column']!, tf.mean(square, -2)) };
      const direction = tf.mul(
        gradient,
        weight.rank < 2 ? tf.rsqrt(next['v']!) : factoredRsqrt(next['row']!, next['column']!),
      );
      const shrunk = tf.div(direction, tf.maximum(1, tf.div(rootMeanSquare(direction), updateClip)));
      const stepSize = scaleByWeight ? tf.mul(rate!, tf.maximum(WEIGHT_FLOOR, rootMeanSquare(weight))) : rate!;
      const decayed =
        weightDecay > 0 && weight.rank >= 2 ? tf.mul(weight, tf.sub(1, tf.mul(rate!, weightDecay))) : weight;
      return { weight: tf.sub(decayed, tf.mul(stepSize, shrunk)), memory: next };
    },
  };
}

/** The paper's ε1, which prevents division by a zero gradient, and ε2, which lets a weight of zeros change. */
const SQUARE_FLOOR = 1e-30;
const WEIGHT_FLOOR = 1e-3;

/** 1/√(row · column / mean of rows), as two factors, so that the product of two small squares never underflows. */
function factoredRsqrt(row: Tensor, column: Tensor): Tensor {
  const relative = tf.div(row, tf.mean(row, -1, true));
  return tf.mul(tf.expandDims(tf.rsqrt(relative), -1), tf.expandDims(tf.rsqrt(column), -2));
}

function rootMeanSquare(x: Tensor): Tensor {
  return tf.sqrt(tf.mean(tf.square(x)));
}
