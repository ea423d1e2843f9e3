import * as tf from '@tensorflow/tfjs-core';
import type { Tensor } from '@tensorflow/tfjs-core';
import { type GradientOptions, lossAndGradients, plainGradients } from './gradients.ts';
import type { Model, Weights } from '../model/architecture.ts';
import { forward } from '../model/forward.ts';
import { targetLosses } from './loss.ts';
import { type Optimizer, optimizerState, optimizerStep, ruleOf } from '../optimizer/optimizer.ts';

/** What all programs of a training run have in common. */
export interface Training {
  model: Model;
  optimizer: Optimizer;
  /** names of weights that do not change: no gradient, no optimizer state, no decay */
  frozen?: string[];
  /** how gradients are computed; `dropout` is the share of values set to zero */
  options?: Omit<GradientOptions, 'dropout'> & { dropout: number };
}

/** The shapes of a batch: tokens and labels [B, T], and optional inputs. */
export function trainingInputs(
  batchSize: number,
  context: number,
  extra: { labelWeights?: boolean; dropout?: boolean } = {},
) {
  const ids = { shape: [batchSize, context], dtype: 'int32' as const };
  return {
    tokens: ids,
    labels: ids,
    ...(extra.labelWeights ? { labelWeights: { shape: [batchSize, context], dtype: 'float32' as const } } : {}),
    ...(extra.dropout ? { dropoutSeed: { shape: [2], dtype: 'int32' as const } } : {}),
  };
}

/** Scalar inputs of an update: those of its optimizer (`updateScalars`) and the limits of loss and gradient norm. */
export function updateInputs(optimizer: Optimizer): Record<string, typeof SCALAR> {
  const { scalarNames } = ruleOf(optimizer);
  return Object.fromEntries([...scalarNames, 'lossLimit', 'normLimit'].map((name) => [name, SCALAR]));
}

/** Shapes of the variables in a checkpoint: `weights/wte.weight`, and the optimizer's state, such as `m/wte.weight`. */
export function stateShapes(
  { optimizer, frozen = [] }: Pick<Training, 'optimizer' | 'frozen'>,
  shapes: Record<string, number[]>,
): Record<string, number[]> {
  return { ...withPrefix('weights', shapes), ...optimizerState(optimizer, without(shapes, frozen)) };
}

/** Shapes of `sum/wte.weight` …: the gradients of a step with several batches so far; zero between steps. */
export function sumShapes(
  { frozen = [] }: Pick<Training, 'frozen'>,
  shapes: Record<string, number[]>,
): Record<string, number[]> {
  return withPrefix('sum', without(shapes, frozen));
}

/**
 * One training step as a pure function for an engine to capture: forward, backward, clip, update. Outputs the mean loss
 * of the batch before the update, the gradient norm before clipping, and whether the update was `applied` (1 or 0). If
 * either number is not finite or above its limit, nothing changes.
 */
export function trainingStep(training: Training) {
  return (inputs: Tensors, variables: Tensors) => {
    const { loss, gradients } = trainedGradients(training, inputs, variables);
    return updated(training, { loss, gradients, inputs, variables });
  };
}

/** Part of a step: adds `share` times the gradients of a batch to the sums. Outputs the mean loss of the batch. */
export function accumulateStep(training: Training) {
  return (inputs: Tensors, variables: Tensors) => {
    const { loss, gradients } = trainedGradients(training, inputs, variables);
    const sums = Object.entries(gradients).map(
      ([name, gradient]) =>
        [`sum/${name}`, tf.add(variables[`sum/${name}`]!, tf.mul(inputs['share']!, gradient))] as const,
    );
    return { outputs: { loss }, assign: Object.fromEntries(sums) };
  };
}

/** End of a step in parts: updates with the sums and resets them to zero. `loss` is an input. */
export function updateStep(training: Training) {
  return (inputs: Tensors, variables: Tensors) => {
    const gradients = part(variables, 'sum');
    const { outputs, assign } = updated(training, { loss: inputs['loss']!, gradients, inputs, variables });
    const zeros = Object.fromEntries(
      Object.entries(gradients).map(([name, sum]) => [`sum/${name}`, tf.zerosLike(sum)]),
    );
    return { outputs, assign: { ...assign, ...zeros } };
  };
}

export const accumulateInputs = { share: { shape: [], dtype: 'float32' as const } };
export const lossInput = { loss: { shape: [], dtype: 'float32' as const } };

/** Tokens and labels [B, T] to the loss at each position, [B·T], with `weights/…` as variables. */
export function lossStep(model: Model) {
  return (inputs: Tensors, variables: Tensors) => {
    const weights = part(variables, 'weights');
    const x_NC = forward(model, weights, { tokens_BT: inputs['tokens']! });
    return { outputs: { losses: targetLosses(model.logits(weights, x_NC), tf.reshape(inputs['labels']!, [-1])) } };
  };
}

// ---------------------------------------------------------------------------------------------------------------------

type Tensors = Record<string, Tensor>;

const SCALAR = { shape: [] as number[], dtype: 'float32' as const };

/** Leaves out the gradients of frozen weights; an engine that captures a graph then never computes them. */
function trainedGradients(
  { model, frozen = [], options = { ...plainGradients, dropout: 0 } }: Training,
  inputs: Tensors,
  variables: Tensors,
): { loss: Tensor; gradients: Weights } {
  const { dropout: rate, ...rest } = options;
  const { tokens: tokens_BT, labels: labels_BT, labelWeights: labelWeights_BT, dropoutSeed: seed_2 } = inputs;
  const batch = { tokens_BT: tokens_BT!, labels_BT: labels_BT!, ...(labelWeights_BT ? { labelWeights_BT } : {}) };
  const { loss, gradients } = lossAndGradients(model, part(variables, 'weights'), batch, {
    ...rest,
    ...(seed_2 ? { dropout: { rate, seed_2 } } : {}),
  });
  return { loss, gradients: without(gradients, frozen) };
}

function updated(
  { optimizer }: Training,
  { loss, gradients, inputs, variables }: { loss: Tensor; gradients: Weights; inputs: Tensors; variables: Tensors },
) {
  const next = optimizerStep(optimizer, {
    loss,
    weights: part(variables, 'weights'),
    gradients,
    state: variables,
    scalars: inputs,
  });
  return {
    outputs: { loss, gradientNorm: next.gradientNorm, applied: tf.cast(next.applied, 'float32') },
    assign: { ...withPrefix('weights', next.weights), ...next.state },
  };
}

function part(variables: Tensors, prefix: 'weights' | 'sum'): Weights {
  const entries = Object.entries(variables).filter(([name]) => name.startsWith(`${prefix}/`));
  return Object.fromEntries(entries.map(([name, value]) => [name.slice(prefix.length + 1), value]));
}

function withPrefix<T>(prefix: string, values: Record<string, T>): Record<string, T> {
  return Object.fromEntries(Object.entries(values).map(([name, value]) => [`${prefix}/${name}`, value]));
}

function without<T>(values: Record<string, T>, names: string[]): Record<string, T> {
  return Object.fromEntries(Object.entries(values).filter(([name]) => !names.includes(name)));
}
