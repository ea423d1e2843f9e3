import type { ArchitectureLayout, ModelConfig } from '../architecture.ts';
import { blockMemory } from './block-memory.ts';
import { configFaults, configSchema } from './config.ts';
import { huggingFace, huggingFaceConfig } from './hugging-face.ts';
import { llamaCppForm } from './llama-cpp.ts';
import { initialWeight } from './initial-weights.ts';
import { weightShapes } from './weight-shapes.ts';

export const gpt2Layout: ArchitectureLayout = {
  schema: configSchema,
  faults: configFaults,
  huggingFace,
  layout: (config) => ({
    config,
    weightShapes: weightShapes(config),
    names: {
      embedding: 'wte.weight',
      positions: 'wpe.weight',
      head: 'wte.weight',
      finalNorm: ['ln_f.weight', 'ln_f.bias'],
      blocks: 'h.',
      residual: ['attn.c_proj.weight', 'attn.c_proj.bias', 'mlp.c_proj.weight', 'mlp.c_proj.bias'],
    },
    initialWeight: (name, seed) => initialWeight(config, seed, name),
    cache: { keyHeads: config.heads, headSize: config.width / config.heads },
    stopIds: (separator) => [separator],
    huggingFaceConfig: (separator) => huggingFaceConfig(config, separator),
    llamaCppForm: () => llamaCppForm(config),
    blockMemory: (batch) => blockMemory(config, batch),
    trainingFlopsPerToken: trainingFlopsPerToken(config),
  }),
};

/**
 * The forward pass takes two operations per weight, plus two products of width C with each of T positions for
 * attention. The backward pass takes twice as many (Chowdhery et al., PaLM, 2022, appendix B).
 */
function trainingFlopsPerToken(config: ModelConfig): number {
  const multiplied = Object.entries(weightShapes(config)).filter(([name]) => name !== 'wpe.weight');
  const weights = multiplied.reduce(
    (sum, [, shape]) => sum + shape.reduce((product, length) => product * length, 1),
    0,
  );
  return 6 * weights + 12 * config.layers * config.width * config.context;
}
