import type { Tensor } from '@tensorflow/tfjs-core';
import type { BlockOptions, EmbedOptions, Model, Weights } from './architecture.ts';

/** Token ids [B, T] to the rows [N, C] after the final norm. */
export function forward(
  model: Model,
  weights: Weights,
  { tokens_BT, positions_T, ...options }: { tokens_BT: Tensor } & Pick<EmbedOptions, 'positions_T'> & BlockOptions,
): Tensor {
  const [batchSize] = tokens_BT.shape as [number, number];
  let x_NC = model.embed(weights, tokens_BT, { positions_T, dropout: options.dropout });
  for (let layer = 0; layer < model.config.layers; layer++)
    x_NC = model.block(weights, x_NC, { layer, batchSize, ...options });
  return model.finalNorm(weights, x_NC);
}
