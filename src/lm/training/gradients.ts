import * as tf from '@tensorflow/tfjs-core';
import type { Tensor } from '@tensorflow/tfjs-core';
import { barrier } from '../ops/barrier.ts';
import type { Dropout } from '../model/dropout.ts';
import type { Model, Weights } from '../model/architecture.ts';
import { forward } from '../model/forward.ts';
import { blockedCrossEntropy, meanCrossEntropy } from './loss.ts';
import { lowered, type Precision } from '../ops/precision.ts';

/** How loss and gradients are computed. Apart from rounding and dropout, the result is the same. */
export interface GradientOptions {
  precision: Precision;
  /**
   * Number of blocks that the backward pass recomputes together, from the input of the first; 0: nothing is recomputed,
   * all activations are kept.
   */
  recomputeEvery: number;
  /** rows of logits in memory at once; 0: all */
  lossRows: number;
  dropout?: Dropout;
}

export const plainGradients: GradientOptions = { precision: 'fp32', recomputeEvery: 0, lossRows: 0 };

interface Batch {
  tokens_BT: Tensor;
  labels_BT: Tensor;
  /** weight of each target in the mean; default: equal weights */
  labelWeights_BT?: Tensor;
}

/** The mean loss over a batch of tokens and labels [B, T], and its gradient for each weight, by name. */
export function lossAndGradients(
  model: Model,
  weights: Weights,
  batch: Batch,
  options: GradientOptions = plainGradients,
): { loss: Tensor; gradients: Weights } {
  return options.recomputeEvery > 0
    ? blockByBlock(model, weights, batch, options)
    : atOnce(model, weights, batch, options);
}

function atOnce(
  model: Model,
  weights: Weights,
  batch: Batch,
  options: GradientOptions,
): { loss: Tensor; gradients: Weights } {
  const { value, gradients } = gradientsOf(weights, (traced) =>
    headLoss(model, traced, forward(model, traced, { tokens_BT: batch.tokens_BT, ...options }), { batch, options }),
  );
  return { loss: value, gradients };
}

/**
 * The forward pass keeps only the inputs of every n-th block. The backward pass goes through these segments from the
 * last to the first and recomputes each from its input. tfjs cannot nest gradients, so each segment has its own tape.
 */
function blockByBlock(
  model: Model,
  weights: Weights,
  batch: Batch,
  options: GradientOptions,
): { loss: Tensor; gradients: Weights } {
  const { layers } = model.config;
  const { embedding, positions, head, finalNorm, blocks } = model.names;
  const { tokens_BT } = batch;
  const names = Object.keys(weights);
  const pick = (wanted: string[]): Weights => Object.fromEntries(wanted.map((name) => [name, weights[name]!]));
  const starts = Array.from(
    { length: Math.ceil(layers / options.recomputeEvery) },
    (_, segment) => segment * options.recomputeEvery,
  );
  const layersFrom = (start: number): number[] =>
    Array.from({ length: Math.min(options.recomputeEvery, layers - start) }, (_, i) => start + i);
  const through = (start: number, given: Weights, x_NC: Tensor): Tensor =>
    layersFrom(start).reduce(
      (x, layer) => model.block(given, x, { layer, batchSize: tokens_BT.shape[0], ...options }),
      x_NC,
    );

  const inputs = [model.embed(weights, tokens_BT, options)];
  for (const start of starts) inputs.push(through(start, weights, inputs.at(-1)!));
  const top = gradientsOf({ ...pick([head, ...finalNorm]), x: inputs.pop()! }, ({ x, ...given }) =>
    headLoss(model, given, model.finalNorm(given, x!), { batch, options }),
  );
  const { x: fromHead, ...gradients } = top.gradients;
  let dx_NC = fromHead!;
  let done = Object.values(gradients);
  for (const start of starts.toReversed()) {
    const segmentWeights = pick(
      layersFrom(start).flatMap((layer) => names.filter((name) => name.startsWith(`${blocks}${layer}.`))),
    );
    const x_NC = barrier(inputs.pop()!, [dx_NC, ...done]);
    const { x, ...found } = gradientsOf(
      { ...segmentWeights, x: x_NC },
      ({ x, ...given }) => through(start, given, x!),
      dx_NC,
    ).gradients;
    Object.assign(gradients, found);
    done = Object.values(found);
    dx_NC = x!;
  }
  const bottom = gradientsOf(
    pick(positions === null ? [embedding] : [embedding, positions]),
    (given) => model.embed(given, tokens_BT, options),
    dx_NC,
  ).gradients;
  // If the head is tied, the embedding already has a gradient, that of the head.
  for (const [name, gradient] of Object.entries(bottom))
    gradients[name] = gradients[name] ? tf.add(gradients[name], gradient) : gradient;
  return { loss: top.value, gradients: Object.fromEntries(names.map((name) => [name, gradients[name]!])) };
}

function headLoss(
  model: Model,
  weights: Weights,
  x_NC: Tensor,
  { batch, options }: { batch: Batch; options: GradientOptions },
): Tensor {
  const { labels_BT, labelWeights_BT } = batch;
  const { precision, lossRows } = options;
  const { head } = model.names;
  const labels_N = tf.reshape(labels_BT, [-1]);
  const weights_N = labelWeights_BT && tf.reshape(labelWeights_BT, [-1]);
  const head_VC = lowered(precision, weights[head]!);
  // In bf16, one block has all rows, because the pass over the logits is fused.
  if (lossRows > 0 || precision === 'bf16')
    return blockedCrossEntropy({ x_NC, head_VC, labels_N, weights_N }, { rows: lossRows || labels_N.size, precision });
  return meanCrossEntropy(model.logits({ [head]: head_VC }, lowered(precision, x_NC)), labels_N, weights_N);
}

/** The value of `f` at `given`, and its gradient for each of these tensors, times `dy` (1 for a scalar). */
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
