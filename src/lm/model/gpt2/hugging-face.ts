import { Type } from '@sinclair/typebox';
import type { HuggingFaceForm, ModelConfig } from '../architecture.ts';

/** Much larger than any GPT-2: a number beyond it is a mistake, which must not fill the memory. */
const count = (maximum: number) => Type.Integer({ minimum: 1, maximum });

export const huggingFace: HuggingFaceForm = {
  configSchema: Type.Object({
    // Old exports, and people who write the file themselves, leave it out.
    model_type: Type.Optional(Type.Literal('gpt2')),
    vocab_size: count(2 ** 24),
    n_positions: count(2 ** 20),
    n_embd: count(65_536),
    n_layer: count(1024),
    n_head: count(1024),
  }),
  configFrom,
  publishedName,
};

export function huggingFaceConfig(config: ModelConfig, separator: number): Record<string, unknown> {
  return {
    architectures: ['GPT2LMHeadModel'],
    model_type: 'gpt2',
    vocab_size: config.vocabularySize,
    n_positions: config.context,
    n_ctx: config.context,
    n_embd: config.width,
    n_layer: config.layers,
    n_head: config.heads,
    n_inner: null,
    activation_function: 'gelu_new',
    layer_norm_epsilon: 1e-5,
    initializer_range: 0.02,
    attn_pdrop: 0,
    embd_pdrop: 0,
    resid_pdrop: 0,
    scale_attn_weights: true,
    tie_word_embeddings: true,
    bos_token_id: separator,
    eos_token_id: separator,
    torch_dtype: 'float32',
    use_cache: true,
  };
}

// ---------------------------------------------------------------------------------------------------------------------

/** Values that match what `blocks.ts` computes; fields may also be missing. Error messages name the last value. */
const SUPPORTED: Record<string, unknown[]> = {
  activation_function: ['gelu_new', 'gelu_pytorch_tanh'],
  layer_norm_epsilon: [1e-5],
  scale_attn_weights: [true],
  scale_attn_by_inverse_layer_idx: [false],
  add_cross_attention: [false],
};

function configFrom(json: object): ModelConfig {
  const fields = json as Record<string, unknown> &
    Record<'vocab_size' | 'n_positions' | 'n_embd' | 'n_layer' | 'n_head', number>;
  const supported: Record<string, unknown[]> = { ...SUPPORTED, n_inner: [null, 4 * fields.n_embd] };
  for (const [name, values] of Object.entries(supported)) {
    if (fields[name] === undefined || values.includes(fields[name])) continue;
    throw new Error(
      `${name} is ${JSON.stringify(fields[name])}, but only ${JSON.stringify(values.at(-1))} is supported: these weights would give wrong results`,
    );
  }
  return {
    vocabularySize: fields.vocab_size,
    context: fields.n_positions,
    layers: fields.n_layer,
    heads: fields.n_head,
    width: fields.n_embd,
  };
}

/** Some exports have a prefix. Causal masks, and a head that repeats the embedding, are not weights. */
function publishedName(stored: string): string | null {
  const name = stored.replace(/^transformer\./, '');
  return /^h\.\d+\.attn\.(masked_)?bias$/.test(name) || name === 'lm_head.weight' ? null : name;
}
