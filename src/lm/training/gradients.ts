import * as tf from '@tensorflow/tfjs-core';
import type { Tensor } from '@tensorflow/tfjs-core';
import { barrier } from '../ops/barrier.ts';
import type { Dropout } from '../model/dropout.ts';
import {
  block,
  blockWeights,
  embed,
  finalNorm,
  forward,
  type Gpt2Config,
  logits,
  type Weights,
} from '../model/gpt2.ts';
import { blockedCrossEntropy, meanCrossEntropy } from './loss.ts';
import { lowered, type Precision } from '../ops/precision.ts';

/** How loss and gradients are computed; none of it changes what they are, but for rounding and dropout. */
export interface GradientOptions {
  precision: Precision;
  /**
   * Blocks that are computed again together on the way back, from the first one's input; 0: none, all they computed is
   * kept.
   */
  recomputeEvery: number;
  /** rows of logits that exist at once; 0: all */
  lossRows: number;
  dropout?: Dropout;
}

export const plainGradients: GradientOptions = { precision: 'fp32', recomputeEvery: 0, lossRows: 0 };

interface Batch {
  tokens_BT: Tensor;
  labels_BT: Tensor;
  /** what each target counts for in the mean; left out: all the same */
  labelWeights_BT?: Tensor;
}

/** The mean loss over a batch, tokens and labels [B, T], and its gradient for each weight by name. */
export function lossAndGradients(
  config: Gpt2Config,
  weights: Weights,
  batch: Batch,
  how: GradientOptions = plainGradients,
): { loss: Tensor; gradients: Weights } {
  return how.recomputeEvery > 0 ? blockByBlock(config, weights, batch, how) : atOnce(config, weights, batch, how);
}

function atOnce(
  config: Gpt2Config,
  weights: Weights,
  batch: Batch,
  how: GradientOptions,
): { loss: Tensor; gradients: Weights } {
  const { value, gradients } = gradientsOf(weights, (traced) =>
    headLoss(traced, forward(config, traced, { tokens_BT: batch.tokens_BT, ...how }), batch, how),
  );
  return { loss: value, gradients };
}

/**
 * Forward keeps the rows that go into every n-th block and nothing else; backward goes through those segments from the
 * last to the first, each computed again from its rows. tfjs's tape cannot hold a gradient inside a gradient, so each
 * segment has a tape of its own.
 */
function blockByBlock(
  { layers, heads }: Gpt2Config,
  weights: Weights,
  batch: Batch,
  how: GradientOptions,
): { loss: Tensor; gradients: Weights } {
  const { tokens_BT } = batch;
  const names = Object.keys(weights);
  const pick = (wanted: string[]): Weights => Object.fromEntries(wanted.map((name) => [name, weights[name]!]));
  const starts = Array.from(
    { length: Math.ceil(layers / how.recomputeEvery) },
    (_, place) => place * how.recomputeEvery,
  );
  const layersFrom = (start: number): number[] =>
    Array.from({ length: Math.min(how.recomputeEvery, layers - start) }, (_, place) => start + place);
  const through = (start: number, given: Weights, x_NC: Tensor): Tensor =>
    layersFrom(start).reduce(
      (x, layer) => block(given, x, { layer, heads, batchSize: tokens_BT.shape[0], ...how }),
      x_NC,
    );

  const inputs = [embed(weights, tokens_BT, how)];
  for (const start of starts) inputs.push(through(start, weights, inputs.at(-1)!));
  const top = gradientsOf(
    { ...pick(['wte.weight', 'ln_f.weight', 'ln_f.bias']), x: inputs.pop()! },
    ({ x, ...given }) => headLoss(given, finalNorm(given, x!), batch, how),
  );
  const { x: fromHead, ...gradients } = top.gradients;
  let dx_NC = fromHead!;
  let done = Object.values(gradients);
  for (const start of starts.toReversed()) {
    const own = pick(layersFrom(start).flatMap((layer) => blockWeights(names, layer)));
    const x_NC = barrier(inputs.pop()!, [dx_NC, ...done]);
    const { x, ...found } = gradientsOf(
      { ...own, x: x_NC },
      ({ x, ...given }) => through(start, given, x!),
      dx_NC,
    ).gradients;
    Object.assign(gradients, found);
    done = Object.values(found);
    dx_NC = x!;
  }
  const bottom = gradientsOf(
    pick(['wte.weight', 'wpe.weight']),
    (given) => embed(given, tokens_BT, how),
    dx_NC,
  ).gradients;
  gradients['wte.weight'] = tf.add(gradients['wte.weight']!, bottom['wte.weight']!);
  gradients['wpe.weight'] = bottom['wpe.weight']!;
  return { loss: top.value, gradients: Object.fromEntries(names.map((name) => [name, gradients[name]!])) };
}

function headLoss(
  weights: Weights,
  x_NC: Tensor,
  { labels_BT, labelWeights_BT }: Batch,
  { precision, lossRows }: GradientOptions,
): Tensor {
  const labels_N = tf.reshape(labels_BT, [-1]);
  const weights_N = labelWeights_BT && tf.reshape(labelWeights_BT, [-1]);
  const wte_VC = lowered(precision, weights['wte.weight']!);
  // In bf16 one block of all rows, rather than none: its pass over the logits is fused.
  if (lossRows > 0 || precision === 'bf16')
    return blockedCrossEntropy({ x_NC, wte_VC, labels_N, weights_N }, { rows: lossRows || labels_N.size, precision });
  return meanCrossEntropy(logits({ 'wte.weight': wte_VC }, lowered(precision, x_NC)), labels_N, weights_N);
}

/** The value of `f` at `given`, and its gradient for each of them, times `dy` (a scalar's is 1). */
function gradientsOf(
  given: Weights,
  f: (traced: Weights) => Tensor,
  dy?: Tensor,
): { value: Tensor; gradients: Weights } {
  const names = Object.keys(given);
  const { value, grads } = tf.valueAndGrads(
    (...values: Tensor[]) => f(Object.fromEntries(names.map((name, i) => [name, values[i]!]))) as tf.Scalar,
  )(
    names.map((name) => given[name]!),
    dy as tf.Scalar | undefined,
  );
  return { value, gradients: Object.fromEntries(names.map((name, i) => [name, grads[i]!])) };
}
