import * as tf from '@tensorflow/tfjs-core';
import type { Tensor } from '@tensorflow/tfjs-core';
import { attention, BLOCKED, forward, type Gpt2Config, logits, type Weights } from './gpt2.ts';

/**
 * Generation with remembered keys and values: each call takes the next T tokens of B texts and reads the ones before from the cache.
 * S is the cache's length, the longest text it can hold.
 */

/** `h.0.keys` → [B, H, S, D] and so on; start them at zero. */
export function cacheShapes({ layers, heads, width }: Gpt2Config, batchSize: number, length: number): Record<string, number[]> {
  const shape = [batchSize, heads, length, width / heads];
  const names = Array.from({ length: layers }, (_, layer) => [`h.${layer}.keys`, `h.${layer}.values`]).flat();
  return Object.fromEntries(names.map((name) => [name, shape]));
}

/** What a call takes: ids [B, T]; `places`, `write` and `mask` are `cacheInputs` of the first token's position. */
export function cachedInputs(batchSize: number, count: number, length: number) {
  return {
    tokens: { shape: [batchSize, count], dtype: 'int32' as const },
    places: { shape: [count], dtype: 'int32' as const },
    write: { shape: [length, count], dtype: 'float32' as const },
    mask: { shape: [count, length], dtype: 'float32' as const },
  };
}

/** Where `count` tokens from `position` on stand, where in the cache they are written [S, T], and what they may read [T, S]. */
export function cacheInputs(position: number, count: number, length: number): { places: Int32Array; write: Float32Array; mask: Float32Array } {
  const places = Int32Array.from({ length: count }, (_, t) => position + t);
  const write = new Float32Array(length * count);
  for (let t = 0; t < count; t++) write[(position + t) * count + t] = 1;
  const mask = Float32Array.from({ length: count * length }, (_, i) => (i % length > position + Math.floor(i / length) ? BLOCKED : 0));
  return { places, write, mask };
}

/** The body of such a call: outputs the logits [B, V] after the last of the tokens, assigns the cache. */
export function cachedStep(config: Gpt2Config) {
  return (inputs: Record<string, Tensor>, variables: Record<string, Tensor>) => {
    const [B, T] = inputs['tokens']!.shape as [number, number];
    const { attend, written } = cachedAttention(variables, inputs['write']!, inputs['mask']!);
    const x_NC = forward(config, variables, { tokens_BT: inputs['tokens']!, positions_T: inputs['places']!, attend });
    const last_BC = T === 1 ? x_NC : tf.reshape(tf.slice(tf.reshape(x_NC, [B, T, config.width]), [0, T - 1, 0], [B, 1, config.width]), [B, config.width]);
    return { outputs: { logits: logits(variables, last_BC) }, assign: written };
  };
}

function cachedAttention(cache: Weights, write_ST: Tensor, mask_TS: Tensor) {
  const written: Weights = {};
  const free_S1 = tf.sub(1, tf.sum(write_ST, 1, true));
  // 0 or 1 times a value, plus 0 or the old one: exact, and in every engine's vocabulary of kernels.
  const put = (name: string, new_BHTD: Tensor): Tensor => {
    const spread_BHSD = tf.matMul(tf.reshape(write_ST, [1, 1, ...write_ST.shape]), new_BHTD);
    return (written[name] = tf.add(tf.mul(cache[name]!, free_S1), spread_BHSD));
  };
  const attend = (layer: number, q_BHTD: Tensor, k_BHTD: Tensor, v_BHTD: Tensor): Tensor =>
    attention({ q_BHTD, k_BHSD: put(`h.${layer}.keys`, k_BHTD), v_BHSD: put(`h.${layer}.values`, v_BHTD), mask_TS });
  return { attend, written };
}
