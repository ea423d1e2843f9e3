import * as tf from '@tensorflow/tfjs-core';
import type { Tensor } from '@tensorflow/tfjs-core';
import type { BlockOptions, Model, Weights } from '../model/architecture.ts';
import { attention, BLOCKED } from '../model/attention.ts';
import { forward } from '../model/forward.ts';
import { raised } from '../ops/precision.ts';

/**
 * Generation with cached keys and values. The cache has B rows, one for each text being written, and S positions, the
 * length of the longest possible text. Attention ignores everything in a row after the current position, so a row can
 * be reused for another text at any time.
 *
 * A new key is scattered into the cache rather than concatenated: the compiler then writes it in place, so a token only
 * reads the cache and does not rewrite it.
 */

/** `h.0.keys` → [B, H, S, D] and so on. Initial values may be anything finite. */
export function cacheShapes({ config, cache }: Model, batchSize: number, length: number): Record<string, number[]> {
  const shape = [batchSize, cache.keyHeads, length, cache.headSize];
  const names = Array.from({ length: config.layers }, (_, layer) => [`h.${layer}.keys`, `h.${layer}.values`]).flat();
  return Object.fromEntries(names.map((name) => [name, shape]));
}

/** One token per row, and its position. */
export function tokenInputs(batchSize: number) {
  return {
    tokens: { shape: [batchSize], dtype: 'int32' as const },
    positions: { shape: [batchSize], dtype: 'int32' as const },
  };
}

/**
 * How the matrices of blocks are stored in the engine. The head is float32 with either precision: logits near -60, if
 * rounded to bfloat16, would be 0.25 apart.
 */
export type WeightLayout = Pick<BlockOptions, 'precision' | 'multiply'>;

/** The published layout, for one row in float32. */
export const singleRow: WeightLayout = {
  // XLA would fuse the product of a single row with the addition of its bias into a kernel that runs on one thread. No
  // product is below the lowest float, so this maximum only prevents the fusion.
  multiply: (row, matrix) => tf.maximum(tf.matMul(row, matrix), LOWEST_FLOAT),
};

/** [out, in] in bfloat16. */
export const transposedBf16: WeightLayout = {
  precision: 'bf16',
  multiply: (rows, matrix) => tf.matMul(rows, matrix, false, true),
};

/** Reads one token in each row at its position, outputs the logits [B, V] after it, and updates the cache. */
export function tokenStep(model: Model, layout: WeightLayout = {}) {
  const { precision = 'fp32' } = layout;
  return ({ tokens, positions }: Record<string, Tensor>, variables: Record<string, Tensor>) => {
    const [B] = tokens!.shape as [number];
    const S = variables['h.0.keys']!.shape[2]!;
    const mask_B11S = maskLater(
      tf.reshape(tf.range(0, S, 1, 'int32'), [1, 1, 1, S]),
      tf.reshape(positions!, [B, 1, 1, 1]),
    );
    const written: Weights = {};
    const put = (name: string, new_BH1D: Tensor): Tensor =>
      (written[name] = atPositions(variables[name]!, positions!, new_BH1D));
    const attend = (layer: number, q_BHTD: Tensor, k_BHTD: Tensor, v_BHTD: Tensor): Tensor =>
      attention({
        q_BHTD: raised(precision, q_BHTD),
        k_BHSD: put(`h.${layer}.keys`, raised(precision, k_BHTD)),
        v_BHSD: put(`h.${layer}.values`, raised(precision, v_BHTD)),
        mask_TS: mask_B11S,
      });
    const x_BC = forward(model, variables, {
      tokens_BT: tf.reshape(tokens!, [B, 1]),
      positions_T: tf.reshape(positions!, [B, 1]),
      attend,
      ...layout,
    });
    return { outputs: { logits: headOf(model, variables, x_BC) }, assign: written };
  };
}

/**
 * The first `count` tokens of a text, padded at the end with any tokens; the position of the last one that is not
 * padding; and the rows of the cache to write, which may repeat the same row.
 */
export function promptInputs(rowCount: number, count: number) {
  return {
    tokens: { shape: [count], dtype: 'int32' as const },
    last: { shape: [1], dtype: 'int32' as const },
    rows: { shape: [rowCount], dtype: 'int32' as const },
  };
}

/**
 * Reads the beginning of a text in one pass, writes it to `rows` of the cache, and outputs the logits [1, V] after the
 * token at `last`.
 */
export function promptStep(model: Model, layout: WeightLayout = {}) {
  const { precision = 'fp32' } = layout;
  return ({ tokens, last, rows }: Record<string, Tensor>, variables: Record<string, Tensor>) => {
    const [T] = tokens!.shape as [number];
    const [B] = rows!.shape as [number];
    const mask_TS = maskLater(tf.range(0, T, 1, 'int32'), tf.expandDims(tf.range(0, T, 1, 'int32'), 1));
    const written: Weights = {};
    const put = (name: string, new_1HTD: Tensor): void => {
      const cache_BHSD = variables[name]!;
      const [, H, S, D] = cache_BHSD.shape as [number, number, number, number];
      const row_1HSD = tf.pad(new_1HTD, [
        [0, 0],
        [0, 0],
        [0, S - T],
        [0, 0],
      ]);
      written[name] = tf.tensorScatterUpdate(
        cache_BHSD,
        tf.reshape<tf.Rank.R2>(rows!, [B, 1]),
        tf.broadcastTo(row_1HSD, [B, H, S, D]),
      );
    };
    const attend = (layer: number, q_BHTD: Tensor, k_BHTD: Tensor, v_BHTD: Tensor): Tensor => {
      put(`h.${layer}.keys`, raised(precision, k_BHTD));
      put(`h.${layer}.values`, raised(precision, v_BHTD));
      return attention({ q_BHTD, k_BHSD: k_BHTD, v_BHSD: v_BHTD, mask_TS }, { precision });
    };
    const x_TC = forward(model, variables, { tokens_BT: tf.reshape(tokens!, [1, T]), attend, ...layout });
    return { outputs: { logits: headOf(model, variables, tf.gather(x_TC, last!)) }, assign: written };
  };
}

/** Copies a cache into a longer one, from the variables `from/h.0.keys` … to `to/h.0.keys` …; outputs nothing. */
export function growthStep() {
  return (_: Record<string, Tensor>, variables: Record<string, Tensor>) => {
    const assign: Weights = {};
    for (const [name, cache_BHSD] of Object.entries(variables)) {
      if (!name.startsWith('from/')) continue;
      const target = `to/${name.slice('from/'.length)}`;
      const more = variables[target]!.shape[2]! - cache_BHSD.shape[2]!;
      assign[target] = tf.pad(cache_BHSD, [
        [0, 0],
        [0, 0],
        [0, more],
        [0, 0],
      ]);
    }
    return { outputs: {}, assign };
  };
}

/** Bytes of the cache per position, for all rows together. */
export function cacheBytesPerPosition({ config, cache }: Model, batchSize: number): number {
  return 2 * config.layers * batchSize * cache.keyHeads * cache.headSize * 4;
}

/** [N, C] to logits [N, V], by `head`, a transposed copy [C, V] of the model's head, if the variables have one. */
export function headOf(model: Model, variables: Weights, x_NC: Tensor): Tensor {
  return variables['head'] ? tf.matMul(x_NC, variables['head']) : model.logits(variables, x_NC);
}

// ---------------------------------------------------------------------------------------------------------------------

const LOWEST_FLOAT = -3.4028234e38;

/** `BLOCKED` for positions after the reader's position, else 0. */
function maskLater(positions: Tensor, reader: Tensor): Tensor {
  return tf.mul(tf.cast(tf.greater(positions, reader), 'float32'), BLOCKED);
}

/** The cache [B, H, S, D] with one key or value [B, H, 1, D] written at the position of each row. */
function atPositions(cache_BHSD: Tensor, positions_B: Tensor, new_BH1D: Tensor): Tensor {
  const [B, H, , D] = cache_BHSD.shape as [number, number, number, number];
  const heads_B = tf.tensor2d(
    Int32Array.from({ length: B * H * 2 }, (_, i) => (i % 2 === 0 ? Math.floor(i / 2 / H) : Math.floor(i / 2) % H)),
    [B * H, 2],
    'int32',
  );
  const positions_BH = tf.reshape(tf.tile(tf.expandDims(positions_B, 1), [1, H]), [B * H, 1]);
  return tf.tensorScatterUpdate(
    cache_BHSD,
    tf.concat([heads_B, positions_BH], 1) as tf.Tensor2D,
    tf.reshape(new_BH1D, [B * H, D]),
  );
}
