import { gpt2 } from './identity.ts';

/** `tokenizer_config.json` for a model with a context of `context` tokens. */
export function huggingFaceConfig(context: number): Record<string, unknown> {
  return {
    tokenizer_class: 'GPT2Tokenizer',
    add_prefix_space: false,
    model_max_length: context,
    bos_token: gpt2.separatorText,
    eos_token: gpt2.separatorText,
    unk_token: gpt2.separatorText,
  };
}
