import * as tf from '@tensorflow/tfjs-core';
import type { Tensor } from '@tensorflow/tfjs-core';
import { attention, BLOCKED } from '../model/attention.ts';
import type { Model, Weights } from '../model/architecture.ts';
import { forward } from '../model/forward.ts';
import { raised } from '../ops/precision.ts';
import { headOf, type WeightLayout } from './kv-cache.ts';

/**
 * `count` tokens of a text whose beginning is in the cache; the place of the first one; the index of the last one that
 * is not padding; and the row of the cache.
 */
export function appendInputs(count: number) {
  return {
    tokens: { shape: [count], dtype: 'int32' as const },
    start: { shape: [1], dtype: 'int32' as const },
    last: { shape: [1], dtype: 'int32' as const },
    row: { shape: [1], dtype: 'int32' as const },
  };
}

/**
 * Reads tokens [T] into one row of the cache from `start` on, and outputs the logits [1, V] after the token at `last`.
 * `start` + T must not exceed the length of the cache. Padding is overwritten by the tokens that come later.
 */
export function appendStep(model: Model, layout: WeightLayout = {}) {
  const { precision = 'fp32' } = layout;
  return ({ tokens, start, last, row }: Record<string, Tensor>, variables: Record<string, Tensor>) => {
    const [T] = tokens!.shape as [number];
    const S = variables['h.0.keys']!.shape[2]!;
    const places_T = tf.add(tf.range(0, T, 1, 'int32'), start!);
    const mask_TS = tf.mul(
      tf.cast(tf.greater(tf.range(0, S, 1, 'int32'), tf.expandDims(places_T, 1)), 'float32'),
      BLOCKED,
    );
    const written: Weights = {};
    const put = (name: string, new_1HTD: Tensor): Tensor => {
      const cache_BHSD = variables[name]!;
      const [, H, , D] = cache_BHSD.shape as [number, number, number, number];
      // Where each of the H·T rows goes: row of the cache, head, place.
      const heads_HT = tf.reshape(tf.tile(tf.expandDims(tf.range(0, H, 1, 'int32'), 1), [1, T]), [H * T, 1]);
      const targets = tf.concat(
        [
          tf.tile(tf.expandDims(row!, 1), [H * T, 1]),
          heads_HT,
          tf.reshape(tf.tile(tf.expandDims(places_T, 0), [H, 1]), [H * T, 1]),
        ],
        1,
      ) as tf.Tensor2D;
      written[name] = tf.tensorScatterUpdate(cache_BHSD, targets, tf.reshape(new_1HTD, [H * T, D]));
      return tf.gather(written[name], row!);
    };
    const attend = (layer: number, q_BHTD: Tensor, k_BHTD: Tensor, v_BHTD: Tensor): Tensor =>
      attention({
        q_BHTD: raised(precision, q_BHTD),
        k_BHSD: put(`h.${layer}.keys`, raised(precision, k_BHTD)),
        v_BHSD: put(`h.${layer}.values`, raised(precision, v_BHTD)),
        mask_TS,
      });
    const x_TC = forward(model, variables, {
      tokens_BT: tf.reshape(tokens!, [1, T]),
      positions_T: tf.reshape(places_T, [1, T]),
      attend,
      ...layout,
    });
    return { outputs: { logits: headOf(model, variables, tf.gather(x_TC, last!)) }, assign: written };
  };
}
