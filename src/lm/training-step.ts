import * as tf from '@tensorflow/tfjs-core';
import type { Tensor } from '@tensorflow/tfjs-core';
import { type AdamW, adamw } from './adamw.ts';
import { lossAndGradients } from './gradients.ts';
import { forward, type Gpt2Config, logits, type Weights } from './gpt2.ts';
import { targetLosses } from './loss.ts';

/** Prefixes of a step's variables: `weights/wte.weight`, `m/wte.weight`, `v/wte.weight`. */
export const STATE_PARTS = ['weights', 'm', 'v'] as const;

/** The shapes of what a step takes besides its variables; tokens and labels are [B, T]. */
export function trainingInputs(batchSize: number, context: number) {
  const ids = { shape: [batchSize, context], dtype: 'int32' as const };
  const scalar = { shape: [], dtype: 'float32' as const };
  return { tokens: ids, labels: ids, rate: scalar, stepSize: scalar, spread: scalar };
}

/**
 * One step of training as a pure function, for an engine to capture: forward, backward, clip, AdamW. Outputs the batch's mean loss
 * before the update, and the gradient's length before clipping.
 */
export function trainingStep(config: Gpt2Config, optimizer: AdamW) {
  return (inputs: Record<string, Tensor>, variables: Record<string, Tensor>) => {
    const weights = part(variables, 'weights');
    const { loss, gradients } = lossAndGradients(config, weights, inputs['tokens']!, inputs['labels']!);
    const { gradientNorm, ...next } = adamw({ weights, m: part(variables, 'm'), v: part(variables, 'v') }, gradients, {
      optimizer,
      scalars: { rate: inputs['rate']!, stepSize: inputs['stepSize']!, spread: inputs['spread']! },
    });
    const assign = Object.fromEntries(STATE_PARTS.flatMap((name) => Object.entries(next[name]).map(([key, value]) => [`${name}/${key}`, value])));
    return { outputs: { loss, gradientNorm }, assign };
  };
}

/** Tokens and labels [B, T] to the loss at each of them, [B·T], with `weights/…` as variables. */
export function lossStep(config: Gpt2Config) {
  return (inputs: Record<string, Tensor>, variables: Record<string, Tensor>) => {
    const weights = part(variables, 'weights');
    const x_NC = forward(config, weights, { tokens_BT: inputs['tokens']! });
    return { outputs: { losses: targetLosses(logits(weights, x_NC), flat(inputs['labels']!)) } };
  };
}

function part(variables: Record<string, Tensor>, prefix: (typeof STATE_PARTS)[number]): Weights {
  const own = Object.entries(variables).filter(([name]) => name.startsWith(`${prefix}/`));
  return Object.fromEntries(own.map(([name, value]) => [name.slice(prefix.length + 1), value]));
}

function flat(labels_BT: Tensor): Tensor {
  return tf.reshape(labels_BT, [-1]);
}
