import * as tf from '@tensorflow/tfjs-core';
import type { Tensor } from '@tensorflow/tfjs-core';
import type { Model } from '../model/architecture.ts';
import { forward } from '../model/forward.ts';
import { targetLosses } from '../training/loss.ts';
import { headOf, type WeightLayout } from './kv-cache.ts';

/** Texts [B, T], padded at the end; and for each of N scored tokens, the place before it in [B·T] and its id. */
export function scoreInputs(texts: number, length: number, scored: number) {
  return {
    tokens: { shape: [texts, length], dtype: 'int32' as const },
    places: { shape: [scored], dtype: 'int32' as const },
    targets: { shape: [scored], dtype: 'int32' as const },
  };
}

/** Outputs the loss of each scored token [N], in nats, and how many tokens were likelier [N]. */
export function scoreStep(model: Model, layout: WeightLayout = {}) {
  return ({ tokens, places, targets }: Record<string, Tensor>, variables: Record<string, Tensor>) => {
    const x_BTC = forward(model, variables, { tokens_BT: tokens!, ...layout });
    const logits_NV = headOf(model, variables, tf.gather(x_BTC, places!));
    const [N] = targets!.shape as [number];
    const rows_N = tf.range(0, N, 1, 'int32');
    const own_N = tf.gatherND(logits_NV, tf.stack([rows_N, targets!], 1));
    const likelier_NV = tf.cast(tf.greater(logits_NV, tf.expandDims(own_N, 1)), 'float32');
    return { outputs: { losses: targetLosses(logits_NV, targets!), likelier: tf.sum(likelier_NV, 1) } };
  };
}
