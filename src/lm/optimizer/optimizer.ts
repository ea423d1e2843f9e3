import * as tf from '@tensorflow/tfjs-core';
import type { Tensor } from '@tensorflow/tfjs-core';
import { type Adafactor, adafactor } from './adafactor.ts';
import { type Adam, adam } from './adam.ts';
import { type AdamW, adamw } from './adamw.ts';
import { fusedAll } from '../ops/fused.ts';
import type { Weights } from '../model/architecture.ts';
import type { OptimizerRule } from './rule.ts';
import { type Sgd, sgd } from './sgd.ts';

/** How gradients change the weights. All kinds have `clip`. */
export type Optimizer = AdamW | Adam | Sgd | Adafactor;

export function ruleOf(optimizer: Optimizer): OptimizerRule {
  switch (optimizer.kind) {
    case 'adamw':
      return adamw(optimizer);
    case 'adam':
      return adam(optimizer);
    case 'sgd':
      return sgd(optimizer);
    case 'adafactor':
      return adafactor(optimizer);
  }
}

/** `m/wte.weight` → shape: the optimizer's state for these weights. */
export function optimizerState(optimizer: Optimizer, shapes: Record<string, number[]>): Record<string, number[]> {
  const memory = Object.entries(shapes).map(([name, shape]) => [name, ruleOf(optimizer).memory(shape)] as const);
  const parts = [...new Set(memory.flatMap(([, shapesByPart]) => Object.keys(shapesByPart)))];
  return Object.fromEntries(
    parts.flatMap((part) =>
      memory.flatMap(([name, shapesByPart]) => (shapesByPart[part] ? [[`${part}/${name}`, shapesByPart[part]]] : [])),
    ),
  );
}

/** The optimizer's scalar inputs for an update, by name; `updates` is the number of previous updates. */
export function updateScalars(optimizer: Optimizer, rate: number, updates: number): Record<string, number> {
  return ruleOf(optimizer).scalars(rate, updates);
}

/**
 * Updates every weight that has a gradient. `state` has the names of `optimizerState`; `scalars` are those of
 * `updateScalars` plus `lossLimit` and `normLimit`. Returns the new values, the gradient norm over all weights before
 * clipping, and whether the update was `applied`. If loss or norm is NaN or above its limit, the values are unchanged.
 */
export function optimizerStep(
  optimizer: Optimizer,
  {
    loss,
    weights,
    gradients,
    state,
    scalars,
  }: {
    loss: Tensor;
    weights: Weights;
    gradients: Weights;
    state: Record<string, Tensor>;
    scalars: Record<string, Tensor>;
  },
): { weights: Weights; state: Record<string, Tensor>; gradientNorm: Tensor; applied: Tensor } {
  const rule = ruleOf(optimizer);
  const numbers = rule.scalarNames;
  const gradientNorm = globalNorm(Object.values(gradients));
  // False for NaN.
  const applied = tf.logicalAnd(
    tf.lessEqual(loss, scalars['lossLimit']!),
    tf.lessEqual(gradientNorm, scalars['normLimit']!),
  );
  // 1e-6 as in PyTorch's clip_grad_norm_, so that a zero gradient stays zero and does not become NaN.
  const shrink = tf.minimum(1, tf.div(optimizer.clip, tf.add(gradientNorm, 1e-6)));
  const next: { weights: Weights; state: Record<string, Tensor> } = { weights: {}, state: {} };
  for (const [name, gradient] of Object.entries(gradients)) {
    const weight = weights[name]!;
    const parts = Object.keys(rule.memory(weight.shape));
    const given = [
      weight,
      gradient,
      shrink,
      applied,
      ...numbers.map((number) => scalars[number]!),
      ...parts.map((part) => state[`${part}/${name}`]!),
    ];
    // Fused, because some engines would otherwise make a pass over memory for each op.
    const [updated, ...newParts] = fusedAll('update', given, (old, raw, factor, isApplied, ...others) => {
      const settle = (value: Tensor, before: Tensor): Tensor => tf.where(isApplied, value, before);
      const memory = Object.fromEntries(parts.map((part, i) => [part, others[numbers.length + i]]));
      const ruleScalars = Object.fromEntries(numbers.map((number, i) => [number, others[i]!]));
      const result = rule.next({ weight: old, gradient: tf.mul(raw, factor), memory, scalars: ruleScalars, settle });
      return [settle(result.weight, old), ...parts.map((part) => result.memory[part]!)];
    });
    next.weights[name] = updated!;
    parts.forEach((part, i) => (next.state[`${part}/${name}`] = newParts[i]!));
  }
  return { ...next, gradientNorm, applied };
}

function globalNorm(gradients: Tensor[]): Tensor {
  return tf.sqrt(
    tf.addN(gradients.map((gradient) => fusedAll('squares', [gradient], (raw) => [tf.sum(tf.square(raw))])[0]!)),
  );
}
