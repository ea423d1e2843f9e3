import type { LlamaCppForm, ModelConfig } from '../architecture.ts';
import { weightShapes } from './weight-shapes.ts';

/** llama.cpp's architecture `gpt2`. Its matrices are [out, in]. The head is the embedding, as no other is given. */
export function llamaCppForm(config: ModelConfig): LlamaCppForm {
  return {
    architecture: 'gpt2',
    counts: {
      context_length: config.context,
      embedding_length: config.width,
      block_count: config.layers,
      feed_forward_length: 4 * config.width,
      'attention.head_count': config.heads,
    },
    numbers: { 'attention.layer_norm_epsilon': 1e-5 },
    tensors: Object.entries(weightShapes(config)).map(([weight, shape]) => {
      const [, block = '', name = weight] = /^h\.(\d+)\.(.*)$/.exec(weight) ?? [];
      const [, module = '', kind = ''] = /^(.*)\.(weight|bias)$/.exec(name)!;
      return {
        name: `${block === '' ? '' : `blk.${block}.`}${NAMES[module]}.${kind}`,
        weight,
        isTransposed: block !== '' && shape.length === 2,
        // Positions are added to the residual stream once, and are small: nothing is gained by rounding them.
        isExact: shape.length === 1 || module === 'wpe',
      };
    }),
  };
}

const NAMES: Record<string, string> = {
  wte: 'token_embd',
  wpe: 'position_embd',
  ln_f: 'output_norm',
  ln_1: 'attn_norm',
  'attn.c_attn': 'attn_qkv',
  'attn.c_proj': 'attn_output',
  ln_2: 'ffn_norm',
  'mlp.c_fc': 'ffn_up',
  'mlp.c_proj': 'ffn_down',
};
