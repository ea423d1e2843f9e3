import type { ModelConfig, ModelLayout } from './architecture.ts';
import { gpt2Layout } from './gpt2/layout.ts';

// The only architecture for now, without its arithmetic: planning reads this, and it loads no tensors.

/** Schema of a model's config in an experiment's file. */
export const modelSchema = gpt2Layout.schema;
export const modelFaults = gpt2Layout.faults;

export function layoutOf(config: ModelConfig): ModelLayout {
  return gpt2Layout.layout(config);
}

/** How a folder with a model's weights is read. */
export const modelFormat = {
  ...gpt2Layout.huggingFace,
  weightShapes: (config: ModelConfig) => layoutOf(config).weightShapes,
};
