import { gpt2 } from './gpt2/identity.ts';

/** The record of its tokenizer in a tokens artifact, enough to compare two tokenizers without their vocabularies. */
export interface TokenizerIdentity {
  name: string;
  /** Name for messages. */
  title: string;
  /** Digest of the vocabulary files. Ids are only compatible if it is the same. */
  vocabulary: string;
  vocabularySize: number;
  /** Id of the token between documents, and its text in the vocabulary's files. */
  separator: number;
  separatorText: string;
}

const TOKENIZERS: readonly TokenizerIdentity[] = [gpt2];

/** The tokenizer for new token ids. */
export const defaultTokenizer: TokenizerIdentity = gpt2;

/** The known tokenizer with this vocabulary, or null. */
export function tokenizerWith(vocabulary: string): TokenizerIdentity | null {
  return TOKENIZERS.find((tokenizer) => tokenizer.vocabulary === vocabulary) ?? null;
}
