import type { ModelConfig, ModelLayout } from './architecture.ts';
import { gpt2Layout } from './gpt2/layout.ts';

// The only architecture for now, without its computation. Planning uses it, so it must not load a tensor library.

/** Schema of a model's config in an experiment's file. */
export const modelSchema = gpt2Layout.schema;
export const modelFaults = gpt2Layout.faults;

export function layoutOf(config: ModelConfig): ModelLayout {
  return gpt2Layout.layout(config);
}

/** Describes how to read a folder with a model's weights. */
export const modelFormat = {
  ...gpt2Layout.huggingFace,
  weightShapes: (config: ModelConfig) => layoutOf(config).weightShapes,
};
