import { byteLevelTokenizer } from './byte-level.ts';
import { huggingFaceConfig } from './gpt2/hugging-face-config.ts';
import { readVocabulary } from './gpt2/vocabulary-files.ts';
import type { TokenizerIdentity } from './identity.ts';
import type { Tokenizer } from './tokenizer.ts';

/** The content of a byte-level tokenizer's files, which Hugging Face names `vocab.json` and `merges.txt`. */
export interface VocabularyTexts {
  vocabJson: string;
  mergesText: string;
}

/** Files saved with a model's weights, so that Hugging Face's transformers can encode text for it. */
export interface TokenizerFiles extends VocabularyTexts {
  /** `tokenizer_config.json` */
  config: Record<string, unknown>;
}

const opened = new Map<string, Tokenizer>();

/**
 * Reads the vocabulary, which takes half a second, once per thread. Throws an Error that names the file if one is
 * missing or not the published one.
 */
export function openTokenizer({ name }: Pick<TokenizerIdentity, 'name'>): Tokenizer {
  const tokenizer = opened.get(name) ?? tokenizerFrom(filesOf(name).read());
  opened.set(name, tokenizer);
  return tokenizer;
}

/** The tokenizer that was saved with a model's weights. */
export function tokenizerFrom({ vocabJson, mergesText }: VocabularyTexts): Tokenizer {
  return byteLevelTokenizer(vocabJson, mergesText);
}

/** Files to save with a model with a context of `context` tokens. Throws like `openTokenizer`. */
export function tokenizerFiles({ name }: Pick<TokenizerIdentity, 'name'>, context: number): TokenizerFiles {
  const { read, config } = filesOf(name);
  return { ...read(), config: config(context) };
}

const FILES: Record<string, { read(): VocabularyTexts; config(context: number): Record<string, unknown> }> = {
  gpt2: { read: () => readVocabulary(), config: huggingFaceConfig },
};

function filesOf(name: string) {
  const files = FILES[name];
  if (!files) throw new Error(`unknown tokenizer "${name}"`);
  return files;
}
