import type { Architecture, Model, ModelConfig } from './architecture.ts';
import { gpt2 } from './gpt2.ts';

/** The only architecture for now. */
const architecture: Architecture = gpt2;

export function modelOf(config: ModelConfig): Model {
  return architecture.model(config);
}
