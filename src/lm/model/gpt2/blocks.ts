import * as tf from '@tensorflow/tfjs-core';
import type { Tensor } from '@tensorflow/tfjs-core';
import type { BlockOptions, EmbedOptions, Weights } from '../architecture.ts';
import { causalAttention } from '../attention.ts';
import { type Dropout, dropout } from '../dropout.ts';
import { tableRows } from '../table-rows.ts';
import { onePass } from '../../ops/fused.ts';
import { lowered, type Precision, raised } from '../../ops/precision.ts';

/** Tokens [B, T] and their positions to the rows [N, C] of the first block. */
export function embed(weights: Weights, tokens_BT: Tensor, { positions_T, dropout: drop }: EmbedOptions = {}): Tensor {
  const [B, T] = tokens_BT.shape as [number, number];
  const wpe = weights['wpe.weight']!;
  const C = wpe.shape[1]!;
  const tokens_BTC = tf.reshape(tableRows(weights['wte.weight']!, tf.reshape(tokens_BT, [B * T])), [B, T, C]);
  const positions_TC = positions_T
    ? tf.gather(wpe, positions_T)
    : T === wpe.shape[0]
      ? wpe
      : tf.slice(wpe, [0, 0], [T, C]);
  return dropout(tf.reshape(tf.add(tokens_BTC, positions_TC), [B * T, C]), 0, drop);
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
  const weight = (name: string): Tensor => weights[`h.${layer}.${name}`]!;
  const sites = 1 + 3 * layer;
  const product = (rows: Tensor, name: string): Tensor =>
    multiply(rows as tf.Tensor2D, lowered(precision, weight(`${name}.weight`)) as tf.Tensor2D);
  const project = (x: Tensor, rows: Tensor, name: string, site: number): Tensor =>
    residual(x, product(rows, name), weight(`${name}.bias`), { site, precision, dropout: drop });

  const normed_NC = layerNorm(x_NC, weight('ln_1.weight'), weight('ln_1.bias'), precision);
  const qkv_N3C = tf.add(product(normed_NC, 'attn.c_attn'), lowered(precision, weight('attn.c_attn.bias')));
  const [q_BHTD, k_BHTD, v_BHTD] = tf.split(qkv_N3C, 3, 1).map((x) => splitHeads(x, B, T, heads)) as [
    Tensor,
    Tensor,
    Tensor,
  ];
  const y_BHTD = attend
    ? attend(layer, q_BHTD, k_BHTD, v_BHTD)
    : causalAttention(q_BHTD, k_BHTD, v_BHTD, {
        precision,
        dropAt: (shares_BHTS, block) => dropout(shares_BHTS, sites + block * SITE_STRIDE, drop),
      });
  x_NC = project(x_NC, joinHeads(y_BHTD), 'attn.c_proj', sites + 1);
  const hidden_N4C = product(layerNorm(x_NC, weight('ln_2.weight'), weight('ln_2.bias'), precision), 'mlp.c_fc');
  return project(x_NC, biasedGelu(hidden_N4C, weight('mlp.c_fc.bias'), precision), 'mlp.c_proj', sites + 2);
}

export function finalNorm(weights: Weights, x_NC: Tensor): Tensor {
  return layerNorm(x_NC, weights['ln_f.weight']!, weights['ln_f.bias']!, 'fp32');
}

/** [N, C] to logits [N, V], by the token embedding, because GPT-2's head is tied. */
export function logits(weights: Weights, x_NC: Tensor): Tensor {
  return tf.matMul(x_NC, weights['wte.weight'] as tf.Tensor2D, false, true);
}

// ---------------------------------------------------------------------------------------------------------------------

/** Distance between the dropout sites of two blocks of scores in a layer; more than the sites of a model. */
const SITE_STRIDE = 2 ** 16;

function splitHeads(x_NC: Tensor, B: number, T: number, heads: number): Tensor {
  return tf.transpose(tf.reshape(x_NC, [B, T, heads, x_NC.shape[1]! / heads]), [0, 2, 1, 3]);
}

function joinHeads(x_BHTD: Tensor): Tensor {
  const [B, H, T, D] = x_BHTD.shape as [number, number, number, number];
  return tf.reshape(tf.transpose(x_BHTD, [0, 2, 1, 3]), [B * T, H * D]);
}

/** x + dropout(rows + bias) */
function residual(
  x_NC: Tensor,
  rows_NC: Tensor,
  bias_C: Tensor,
  options: { site: number; precision: Precision; dropout: Dropout | undefined },
): Tensor {
  const { site, precision, dropout: drop } = options;
  return onePass(drop ? 'fp32' : precision, 'residual', [x_NC, rows_NC, bias_C], (x, rows, bias) =>
    tf.add(x, dropout(tf.add(raised(precision, rows), bias), site, drop)),
  );
}

/** With an epsilon of 1e-5, as in the published configuration. */
function layerNorm(x_NC: Tensor, weight_C: Tensor, bias_C: Tensor, precision: Precision): Tensor {
  return onePass(precision, 'layer_norm', [x_NC, weight_C, bias_C], (x, weight, bias) => {
    const centred_NC = tf.sub(x, tf.mean(x, -1, true));
    const variance_N1 = tf.mean(tf.square(centred_NC), -1, true);
    const normed_NC = tf.mul(centred_NC, tf.rsqrt(tf.add(variance_N1, 1e-5)));
    return lowered(precision, tf.add(tf.mul(normed_NC, weight), bias));
  });
}

/** The tanh approximation that GPT-2 was trained with (`gelu_new`), not the version with the error function. */
function biasedGelu(rows_NC: Tensor, bias_C: Tensor, precision: Precision): Tensor {
  return onePass(precision, 'biased_gelu', [rows_NC, bias_C], (rows, bias) => {
    const x = tf.add(raised(precision, rows), bias);
    const inner = tf.mul(Math.sqrt(2 / Math.PI), tf.add(x, tf.mul(0.044715, tf.mul(x, tf.square(x)))));
    return lowered(precision, tf.mul(tf.mul(0.5, x), tf.add(1, tf.tanh(inner))));
  });
}
