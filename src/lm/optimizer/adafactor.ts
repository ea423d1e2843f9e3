import * as tf from '@tensorflow/tfjs-core';
import type { Tensor } from '@tensorflow/tfjs-core';
import type { OptimizerRule } from './rule.ts';

export interface Adafactor {
  kind: 'adafactor';
  /** update t keeps 1 − t^−decayPower of the old squares: 0.8 remembers more and more of the past */
  decayPower: number;
  /** longest update of one weight, root mean square, in units of the rate */
  updateClip: number;
  /** multiply the rate by the root mean square of the weight itself, which makes it a relative step */
  scaleByWeight: boolean;
  /** pull towards zero, in units of the rate; for matrices only */
  weightDecay: number;
  /** longest gradient, over all weights together; a longer one is shortened to it */
  clip: number;
}

/**
 * Shazeer and Stern, «Adafactor: adaptive learning rates with sublinear memory cost», 2018, algorithm 4, without
 * momentum: of a matrix' squared gradient only the means of rows and columns are remembered. The rate is the
 * schedule's, not the paper's 1/√t.
 */
export function adafactor({ decayPower, updateClip, scaleByWeight, weightDecay }: Adafactor): OptimizerRule {
  return {
    memory: (shape): Record<string, number[]> =>
      shape.length < 2 ? { v: shape } : { row: shape.slice(0, -1), column: [...shape.slice(0, -2), shape.at(-1)!] },
    // The share of the new square, in double precision; the first update takes all of it.
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

/** The paper's ε1, which keeps the root of a silent weight's square defined, and ε2, which lets a weight of zeros move. */
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
