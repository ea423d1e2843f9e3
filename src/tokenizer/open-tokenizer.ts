import { byteLevelTokenizer } from './byte-level.ts';
import { huggingFaceConfig } from './gpt2/hugging-face-config.ts';
import { readVocabulary } from './gpt2/vocabulary-files.ts';
import type { TokenizerIdentity } from './identity.ts';
import type { Tokenizer } from './tokenizer.ts';

/** The text of a byte-level tokenizer's files, under Hugging Face's names: `vocab.json` and `merges.txt`. */
export interface VocabularyTexts {
  vocabJson: string;
  mergesText: string;
}

/** All that lies beside a model's weights, so that Hugging Face's transformers can encode text for it. */
export interface TokenizerFiles extends VocabularyTexts {
  /** `tokenizer_config.json` */
  config: Record<string, unknown>;
}

const opened = new Map<string, Tokenizer>();

/**
 * Reads the vocabulary, which takes half a second, once in each thread. Throws an Error that names the file if one is
 * absent or is not the published one.
 */
export function openTokenizer({ name }: Pick<TokenizerIdentity, 'name'>): Tokenizer {
  const tokenizer = opened.get(name) ?? tokenizerFrom(filesOf(name).read());
  opened.set(name, tokenizer);
  return tokenizer;
}

/** The tokenizer that is saved beside a model's weights. */
export function tokenizerFrom({ vocabJson, mergesText }: VocabularyTexts): Tokenizer {
  return byteLevelTokenizer(vocabJson, mergesText);
}

/** What to save beside the weights of a model that reads at most `context` tokens. Throws as `openTokenizer` does. */
export function tokenizerFiles({ name }: Pick<TokenizerIdentity, 'name'>, context: number): TokenizerFiles {
  const { read, config } = filesOf(name);
  return { ...read(), config: config(context) };
}

const FILES: Record<string, { read(): VocabularyTexts; config(context: number): Record<string, unknown> }> = {
  gpt2: { read: () => readVocabulary(), config: huggingFaceConfig },
};

function filesOf(name: string) {
  const files = FILES[name];
  if (!files) throw new Error(`there is no tokenizer "${name}"`);
  return files;
}
