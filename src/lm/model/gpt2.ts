import * as tf from '@tensorflow/tfjs-core';
import type { Tensor } from '@tensorflow/tfjs-core';
import { type Dropout, dropout } from './dropout.ts';
import { onePass } from '../ops/fused.ts';
import { lowered, type Precision, raised } from '../ops/precision.ts';

/**
 * GPT-2 as functions over a map of weights. Names of weights, and their [in, out] orientation, are those of the
 * published Hugging Face checkpoint, so a checkpoint loads by name.
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

/**
 * Token ids [B, T] to the final normed rows [N, C]. `positions_T` says where in the context each column stands;
 * `attend` is how positions see one another, by default each itself and those before it.
 */
export function forward(
  { layers, heads }: Gpt2Config,
  weights: Weights,
  { tokens_BT, positions_T, ...how }: { tokens_BT: Tensor; positions_T?: Tensor } & BlockOptions,
): Tensor {
  const [batchSize] = tokens_BT.shape as [number, number];
  let x_NC = embed(weights, tokens_BT, { positions_T, dropout: how.dropout });
  for (let layer = 0; layer < layers; layer++) x_NC = block(weights, x_NC, { layer, heads, batchSize, ...how });
  return finalNorm(weights, x_NC);
}

export interface BlockOptions {
  attend?: Attend;
  /** of the matrix products' inputs; sums, norms, softmax and what the blocks pass on are float32 */
  precision?: Precision;
  /** rows [N, in] by a block's matrix, [in, out] if it is held as published */
  multiply?: (rows: tf.Tensor2D, matrix: tf.Tensor2D) => Tensor;
  dropout?: Dropout;
}

/** Tokens and places to the first block's rows [N, C]. */
export function embed(
  weights: Weights,
  tokens_BT: Tensor,
  { positions_T, dropout: drop }: { positions_T?: Tensor | undefined; dropout?: Dropout | undefined } = {},
): Tensor {
  const [B, T] = tokens_BT.shape as [number, number];
  const wpe = weights['wpe.weight']!;
  const C = wpe.shape[1]!;
  const tokens_BTC = tf.reshape(rowsOf(weights['wte.weight']!, tf.reshape(tokens_BT, [B * T])), [B, T, C]);
  const places_TC = positions_T
    ? tf.gather(wpe, positions_T)
    : T === wpe.shape[0]
      ? wpe
      : tf.slice(wpe, [0, 0], [T, C]);
  return dropout(tf.reshape(tf.add(tokens_BTC, places_TC), [B * T, C]), 0, drop);
}

/** One layer: rows [N, C] to rows [N, C]. */
export function block(
  weights: Weights,
  x_NC: Tensor,
  {
    layer,
    heads,
    batchSize: B,
    attend,
    precision = 'fp32',
    multiply = tf.matMul,
    dropout: drop,
  }: { layer: number; heads: number; batchSize: number } & BlockOptions,
): Tensor {
  const T = x_NC.shape[0] / B;
  const of = (name: string): Tensor => weights[`h.${layer}.${name}`]!;
  const places = 1 + 3 * layer;
  const product = (rows: Tensor, name: string): Tensor =>
    multiply(rows as tf.Tensor2D, lowered(precision, of(`${name}.weight`)) as tf.Tensor2D);
  const onto = (x: Tensor, rows: Tensor, name: string, place: number): Tensor =>
    residual(x, product(rows, name), of(`${name}.bias`), { place, precision, dropout: drop });

  const normed_NC = layerNorm(x_NC, of('ln_1.weight'), of('ln_1.bias'), precision);
  const qkv_N3C = tf.add(product(normed_NC, 'attn.c_attn'), lowered(precision, of('attn.c_attn.bias')));
  const [q_BHTD, k_BHTD, v_BHTD] = tf.split(qkv_N3C, 3, 1).map((x) => splitHeads(x, B, T, heads)) as [
    Tensor,
    Tensor,
    Tensor,
  ];
  const y_BHTD = attend
    ? attend(layer, q_BHTD, k_BHTD, v_BHTD)
    : causalAttention(q_BHTD, k_BHTD, v_BHTD, {
        precision,
        dropAt: (shares_BHTS, part) => dropout(shares_BHTS, places + part * PLACES_APART, drop),
      });
  x_NC = onto(x_NC, joinHeads(y_BHTD), 'attn.c_proj', places + 1);
  const hidden_N4C = product(layerNorm(x_NC, of('ln_2.weight'), of('ln_2.bias'), precision), 'mlp.c_fc');
  return onto(x_NC, biasedGelu(hidden_N4C, of('mlp.c_fc.bias'), precision), 'mlp.c_proj', places + 2);
}

export function finalNorm(weights: Weights, x_NC: Tensor): Tensor {
  return layerNorm(x_NC, weights['ln_f.weight']!, weights['ln_f.bias']!, 'fp32');
}

/** Names of what block `layer` reads. */
export function blockWeights(names: string[], layer: number): string[] {
  return names.filter((name) => name.startsWith(`h.${layer}.`));
}

/** [N, C] to logits [N, V], by the token embedding itself: GPT-2's head is tied. */
export function logits(weights: Weights, x_NC: Tensor): Tensor {
  return tf.matMul(x_NC, weights['wte.weight'] as tf.Tensor2D, false, true);
}

// ---------------------------------------------------------------------------------------------------------------------

/**
 * Rows of the table. tfjs's own gradient of a gather walks through the ids once for each row of the table, which takes
 * plain JavaScript seconds a step at GPT-2's 50,257 rows; adding each row of the gradient where it belongs takes none.
 */
function rowsOf(table_VC: Tensor, ids_N: Tensor): Tensor {
  const gather = tf.customGrad((...given: unknown[]) => {
    const [table, save] = given as [Tensor, (tensors: Tensor[]) => void];
    save([ids_N]);
    const gradFunc = (dy_NC: Tensor, [ids]: Tensor[]): Tensor =>
      tf.scatterND(tf.expandDims(ids!, -1), dy_NC, table_VC.shape);
    return { value: tf.gather(table, ids_N), gradFunc };
  });
  return gather(table_VC);
}

/**
 * Each position reads itself and those before it. In blocks of rows, each with the columns that its last row may read:
 * of a long context almost half is never computed.
 */
function causalAttention(
  q_BHTD: Tensor,
  k_BHTD: Tensor,
  v_BHTD: Tensor,
  how: { precision: Precision; dropAt: (shares_BHTS: Tensor, block: number) => Tensor },
): Tensor {
  const T = q_BHTD.shape[2]!;
  const blocks = attentionBlocks(T, how.precision);
  if (blocks.length === 1)
    return attention(
      { q_BHTD, k_BHSD: k_BHTD, v_BHSD: v_BHTD, mask_TS: causalMask(T) },
      { ...how, dropAt: (shares) => how.dropAt(shares, 0) },
    );
  const from = (x: Tensor, start: number, end: number): Tensor =>
    tf.slice(x, [0, 0, start, 0], [-1, -1, end - start, -1]);
  const read = blocks.map(({ start, end }, block) => {
    const mask_TS = tf.slice(causalMask(T), [start, 0], [end - start, end]);
    return attention(
      { q_BHTD: from(q_BHTD, start, end), k_BHSD: from(k_BHTD, 0, end), v_BHSD: from(v_BHTD, 0, end), mask_TS },
      { ...how, dropAt: (shares) => how.dropAt(shares, block) },
    );
  });
  return tf.concat(read, 2);
}

/** In float32 one block: XLA compiles that program as a whole, and would take twice as long over the many parts. */
export function attentionBlocks(T: number, precision: Precision): { start: number; end: number }[] {
  const rows = precision === 'bf16' && T >= 2 * BLOCK_ROWS ? BLOCK_ROWS : T;
  return Array.from({ length: Math.ceil(T / rows) }, (_, place) => ({
    start: place * rows,
    end: Math.min(T, (place + 1) * rows),
  }));
}

const BLOCK_ROWS = 256;
/** Between the places where two blocks of a layer draw what they drop; more than a model has. */
const PLACES_APART = 2 ** 16;

/** `mask_TS` is added to the scores: 0 where row t may read column s, `BLOCKED` where not. */
export function attention(
  { q_BHTD, k_BHSD, v_BHSD, mask_TS }: Record<'q_BHTD' | 'k_BHSD' | 'v_BHSD' | 'mask_TS', Tensor>,
  {
    precision = 'fp32',
    dropAt = (shares) => shares,
  }: { precision?: Precision; dropAt?: (shares_BHTS: Tensor) => Tensor } = {},
): Tensor {
  const D = q_BHTD.shape[3]!;
  const shares = (scores_BHTS: Tensor, mask: Tensor): Tensor =>
    lowered(precision, tf.softmax(tf.add(tf.mul(raised(precision, scores_BHTS), 1 / Math.sqrt(D)), mask)));
  const shares_BHTS = onePass(
    precision,
    `shares_${D}`,
    [tf.matMul(q_BHTD, k_BHSD, false, true)],
    (scores, mask) => shares(scores, mask),
    [mask_TS],
  );
  return tf.matMul(lowered(precision, dropAt(shares_BHTS)), v_BHSD);
}

/** Large enough that its exponential is exactly 0, small enough that no sum overflows; the value of nshepperd's gpt-2. */
export const BLOCKED = -1e10;

/** Made of T numbers: T x T of them as a constant in each layer would lie in memory many times over. */
function causalMask(T: number): Tensor {
  const places_T = tf.range(0, T, 1, 'int32');
  return tf.where(tf.greater(places_T, tf.expandDims(places_T, 1)), BLOCKED, 0);
}

function splitHeads(x_NC: Tensor, B: number, T: number, heads: number): Tensor {
  return tf.transpose(tf.reshape(x_NC, [B, T, heads, x_NC.shape[1]! / heads]), [0, 2, 1, 3]);
}

function joinHeads(x_BHTD: Tensor): Tensor {
  const [B, H, T, D] = x_BHTD.shape as [number, number, number, number];
  return tf.reshape(tf.transpose(x_BHTD, [0, 2, 1, 3]), [B * T, H * D]);
}

/** x + (rows + bias), with dropout on what is added. */
function residual(
  x_NC: Tensor,
  rows_NC: Tensor,
  bias_C: Tensor,
  how: { place: number; precision: Precision; dropout: Dropout | undefined },
): Tensor {
  const { place, precision, dropout: drop } = how;
  return onePass(drop ? 'fp32' : precision, 'residual', [x_NC, rows_NC, bias_C], (x, rows, bias) =>
    tf.add(x, dropout(tf.add(raised(precision, rows), bias), place, drop)),
  );
}

/** Epsilon 1e-5, as in the published configuration. */
function layerNorm(x_NC: Tensor, weight_C: Tensor, bias_C: Tensor, precision: Precision): Tensor {
  return onePass(precision, 'layer_norm', [x_NC, weight_C, bias_C], (x, weight, bias) => {
    const centred_NC = tf.sub(x, tf.mean(x, -1, true));
    const variance_N1 = tf.mean(tf.square(centred_NC), -1, true);
    const normed_NC = tf.mul(centred_NC, tf.rsqrt(tf.add(variance_N1, 1e-5)));
    return lowered(precision, tf.add(tf.mul(normed_NC, weight), bias));
  });
}

/** The tanh form that GPT-2 was trained with (`gelu_new`), not the one with the error function. */
function biasedGelu(rows_NC: Tensor, bias_C: Tensor, precision: Precision): Tensor {
  return onePass(precision, 'biased_gelu', [rows_NC, bias_C], (rows, bias) => {
    const x = tf.add(raised(precision, rows), bias);
    const inner = tf.mul(Math.sqrt(2 / Math.PI), tf.add(x, tf.mul(0.044715, tf.mul(x, tf.square(x)))));
    return lowered(precision, tf.mul(tf.mul(0.5, x), tf.add(1, tf.tanh(inner))));
  });
}
