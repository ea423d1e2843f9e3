import type { Architecture } from './architecture.ts';
import { block, embed, finalNorm, logits } from './gpt2/blocks.ts';
import { gpt2Layout } from './gpt2/layout.ts';

export const gpt2: Architecture = {
  ...gpt2Layout,
  model: (config) => ({
    ...gpt2Layout.layout(config),
    embed,
    block: (weights, x_NC, options) => block(weights, x_NC, { heads: config.heads, ...options }),
    finalNorm,
    logits,
  }),
};
