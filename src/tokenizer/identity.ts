import { gpt2 } from './gpt2/identity.ts';

/** What a tokens artifact records of its tokenizer: enough to compare two without reading their vocabularies. */
export interface TokenizerIdentity {
  name: string;
  /** Name of the vocabulary in messages. */
  title: string;
  /** Digest of the vocabulary's files: ids mean the same only where it is the same. */
  vocabulary: string;
  vocabularySize: number;
  /** Id of the token between documents, and its text in the vocabulary's files. */
  separator: number;
  separatorText: string;
}

const TOKENIZERS: readonly TokenizerIdentity[] = [gpt2];

/** The tokenizer that new token ids are made with. */
export const defaultTokenizer: TokenizerIdentity = gpt2;

/** The known tokenizer with this vocabulary, or null. */
export function tokenizerWith(vocabulary: string): TokenizerIdentity | null {
  return TOKENIZERS.find((tokenizer) => tokenizer.vocabulary === vocabulary) ?? null;
}
