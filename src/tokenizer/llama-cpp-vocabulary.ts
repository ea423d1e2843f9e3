import { gpt2 } from './gpt2/identity.ts';
import type { VocabularyTexts } from './open-tokenizer.ts';
import { parseMerges, parseVocabulary } from './vocabulary.ts';

/** A byte-level vocabulary as llama.cpp reads it. */
export interface LlamaCppVocabulary {
  /** llama.cpp's names of the algorithm, and of the rule that splits text into words */
  model: string;
  splitter: string;
  /** id → piece, in the printable characters of the vocabulary's file */
  tokens: string[];
  /** id → kind of token, by its number in llama.cpp */
  types: number[];
  /** two pieces each, best first */
  merges: string[];
  separator: number;
  /** id of the token that is just a line feed */
  lineFeed: number;
}

/**
 * For a model with `rows` token embeddings. Rows without a token, with which some programs pad the table, become unused
 * tokens. Throws a RangeError if there are fewer rows than tokens.
 */
export function llamaCppVocabulary({ vocabJson, mergesText }: VocabularyTexts, rows: number): LlamaCppVocabulary {
  const vocabulary = parseVocabulary(vocabJson);
  const { ids, separator, byteIds } = vocabulary;
  parseMerges(mergesText, vocabulary); // throws if the two do not match
  const known = Object.keys(ids).length;
  if (rows < known)
    throw new RangeError(`the model has embeddings for ${rows} token ids, but its tokenizer has ${known} tokens`);
  const tokens = Array.from({ length: rows }, (_, id) => `[unused${id}]`);
  for (const [piece, id] of Object.entries(ids)) tokens[id] = piece;
  return {
    model: gpt2.name,
    splitter: 'gpt-2',
    tokens,
    types: tokens.map((_, id) => (id === separator ? KINDS.control : id < known ? KINDS.normal : KINDS.unused)),
    merges: mergesText.split('\n').slice(1).filter(Boolean),
    separator,
    lineFeed: byteIds[LINE_FEED]!,
  };
}

const LINE_FEED = 10;
const KINDS = { normal: 1, control: 3, unused: 5 };
