import * as tf from '@tensorflow/tfjs-core';
import type { Tensor } from '@tensorflow/tfjs-core';

/**
 * GPT-2 as functions over a map of weights. Names of weights, and their [in, out] orientation, are those of the published
 * Hugging Face checkpoint, so a checkpoint loads by name.
 *
 * Letters in names: B sequences, T positions, N = B·T rows, C width, H heads, D = C/H, V vocabulary.
 */
export interface Gpt2Config {
  vocabularySize: number;
  context: number;
  layers: number;
  heads: number;
  width: number;
}

export type Weights<T = Tensor> = Record<string, T>;

/** From q, k and v of one layer, each [B, H, T, D], to what its heads read, [B, H, T, D]. */
export type Attend = (layer: number, q_BHTD: Tensor, k_BHTD: Tensor, v_BHTD: Tensor) => Tensor;

/** Name → shape, in the published order. */
export function weightShapes({ vocabularySize: V, context, layers, width: C }: Gpt2Config): Record<string, number[]> {
  const shapes: Record<string, number[]> = { 'wte.weight': [V, C], 'wpe.weight': [context, C] };
  for (let layer = 0; layer < layers; layer++) {
    const h = `h.${layer}`;
    shapes[`${h}.ln_1.weight`] = [C];
    shapes[`${h}.ln_1.bias`] = [C];
    shapes[`${h}.attn.c_attn.weight`] = [C, 3 * C];
    shapes[`${h}.attn.c_attn.bias`] = [3 * C];
    shapes[`${h}.attn.c_proj.weight`] = [C, C];
    shapes[`${h}.attn.c_proj.bias`] = [C];
    shapes[`${h}.ln_2.weight`] = [C];
    shapes[`${h}.ln_2.bias`] = [C];
    shapes[`${h}.mlp.c_fc.weight`] = [C, 4 * C];
    shapes[`${h}.mlp.c_fc.bias`] = [4 * C];
    shapes[`${h}.mlp.c_proj.weight`] = [4 * C, C];
    shapes[`${h}.mlp.c_proj.bias`] = [C];
  }
  shapes['ln_f.weight'] = [C];
  shapes['ln_f.bias'] = [C];
  return shapes;
}

/**
 * Token ids [B, T] to the final normed rows [N, C]. `positions_T` says where in the context each column stands; `attend` is how
 * positions see one another, by default each itself and those before it.
 */
export function forward(
  { layers, heads }: Gpt2Config,
  weights: Weights,
  { tokens_BT, positions_T, attend = causalAttention }: { tokens_BT: Tensor; positions_T?: Tensor; attend?: Attend },
): Tensor {
  const [B, T] = tokens_BT.shape as [number, number];
  let x_NC = embed(weights, tokens_BT, positions_T);
  for (let layer = 0; layer < layers; layer++) {
    const h = `h.${layer}`;
    const qkv_N3C = linear(weights, `${h}.attn.c_attn`, layerNorm(weights, `${h}.ln_1`, x_NC));
    const [q_NC, k_NC, v_NC] = tf.split(qkv_N3C, 3, 1) as [Tensor, Tensor, Tensor];
    const y_BHTD = attend(layer, splitHeads(q_NC, B, T, heads), splitHeads(k_NC, B, T, heads), splitHeads(v_NC, B, T, heads));
    x_NC = tf.add(x_NC, linear(weights, `${h}.attn.c_proj`, joinHeads(y_BHTD)));
    const hidden_N4C = gelu(linear(weights, `${h}.mlp.c_fc`, layerNorm(weights, `${h}.ln_2`, x_NC)));
    x_NC = tf.add(x_NC, linear(weights, `${h}.mlp.c_proj`, hidden_N4C));
  }
  return layerNorm(weights, 'ln_f', x_NC);
}

/** [N, C] to logits [N, V], by the token embedding itself: GPT-2's head is tied. */
export function logits(weights: Weights, x_NC: Tensor): Tensor {
  return tf.matMul(x_NC as tf.Tensor2D, weights['wte.weight'] as tf.Tensor2D, false, true);
}

// ---------------------------------------------------------------------------------------------------------------------

function embed(weights: Weights, tokens_BT: Tensor, positions_T: Tensor | undefined): Tensor {
  const [B, T] = tokens_BT.shape as [number, number];
  const wpe = weights['wpe.weight']!;
  const C = wpe.shape[1]!;
  const tokens_BTC = tf.reshape(rowsOf(weights['wte.weight']!, tf.reshape(tokens_BT, [B * T])), [B, T, C]);
  const places_TC = positions_T ? tf.gather(wpe, positions_T as tf.Tensor1D) : T === wpe.shape[0] ? wpe : tf.slice(wpe, [0, 0], [T, C]);
  return tf.reshape(tf.add(tokens_BTC, places_TC), [B * T, C]);
}

/**
 * Rows of the table. tfjs's own gradient of a gather walks through the ids once for each row of the table, which takes plain JavaScript
 * seconds a step at GPT-2's 50,257 rows; adding each row of the gradient where it belongs takes none.
 */
function rowsOf(table_VC: Tensor, ids_N: Tensor): Tensor {
  const gather = tf.customGrad((...given: unknown[]) => {
    const [table, save] = given as [Tensor, (tensors: Tensor[]) => void];
    save([ids_N]);
    const gradFunc = (dy_NC: Tensor, [ids]: Tensor[]): Tensor => tf.scatterND(tf.expandDims(ids!, -1), dy_NC, table_VC.shape as [number, number]);
    return { value: tf.gather(table, ids_N as tf.Tensor1D), gradFunc };
  });
  return gather(table_VC);
}

/** Each position reads itself and those before it. */
function causalAttention(_layer: number, q_BHTD: Tensor, k_BHTD: Tensor, v_BHTD: Tensor): Tensor {
  const T = q_BHTD.shape[2]!;
  return attention({ q_BHTD, k_BHSD: k_BHTD, v_BHSD: v_BHTD, mask_TS: tf.tensor2d(causalMask(T), [T, T]) });
}

/** `mask_TS` is added to the scores: 0 where row t may read column s, `BLOCKED` where not. */
export function attention({ q_BHTD, k_BHSD, v_BHSD, mask_TS }: Record<'q_BHTD' | 'k_BHSD' | 'v_BHSD' | 'mask_TS', Tensor>): Tensor {
  const D = q_BHTD.shape[3]!;
  const scores_BHTS = tf.add(tf.mul(tf.matMul(q_BHTD, k_BHSD, false, true), 1 / Math.sqrt(D)), mask_TS);
  return tf.matMul(tf.softmax(scores_BHTS), v_BHSD);
}

/** Large enough that its exponential is exactly 0, small enough that no sum overflows; the value of nshepperd's gpt-2. */
export const BLOCKED = -1e10;

function causalMask(T: number): Float32Array {
  return Float32Array.from({ length: T * T }, (_, i) => (i % T > Math.floor(i / T) ? BLOCKED : 0));
}

function splitHeads(x_NC: Tensor, B: number, T: number, heads: number): Tensor {
  return tf.transpose(tf.reshape(x_NC, [B, T, heads, x_NC.shape[1]! / heads]), [0, 2, 1, 3]);
}

function joinHeads(x_BHTD: Tensor): Tensor {
  const [B, H, T, D] = x_BHTD.shape as [number, number, number, number];
  return tf.reshape(tf.transpose(x_BHTD, [0, 2, 1, 3]), [B * T, H * D]);
}

function linear(weights: Weights, name: string, x_NC: Tensor): Tensor {
  return tf.add(tf.matMul(x_NC as tf.Tensor2D, weights[`${name}.weight`] as tf.Tensor2D), weights[`${name}.bias`]!);
}

/** Epsilon 1e-5, as in the published configuration. */
function layerNorm(weights: Weights, name: string, x_NC: Tensor): Tensor {
  const centred_NC = tf.sub(x_NC, tf.mean(x_NC, -1, true));
  const variance_N1 = tf.mean(tf.square(centred_NC), -1, true);
  const normed_NC = tf.mul(centred_NC, tf.rsqrt(tf.add(variance_N1, 1e-5)));
  return tf.add(tf.mul(normed_NC, weights[`${name}.weight`]!), weights[`${name}.bias`]!);
}

/** The tanh form that GPT-2 was trained with (`gelu_new`), not the one with the error function. */
function gelu(x: Tensor): Tensor {
  const inner = tf.mul(Math.sqrt(2 / Math.PI), tf.add(x, tf.mul(0.044715, tf.mul(x, tf.square(x)))));
  return tf.mul(tf.mul(0.5, x), tf.add(1, tf.tanh(inner)));
}
