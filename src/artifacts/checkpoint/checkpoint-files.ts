/**
 * The files of a model's folder in Hugging Face's layout, which transformers and other tools can load. README.md
 * describes their content.
 */
export const CHECKPOINT_FILES = {
  weights: 'model.safetensors',
  config: 'config.json',
  vocab: 'vocab.json',
  merges: 'merges.txt',
  tokenizer: 'tokenizer_config.json',
  training: 'training.json',
} as const;
