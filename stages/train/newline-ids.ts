import { readVocabulary } from '../../src/artifacts/tokens/vocabulary.ts';
import { parseVocabulary } from '../../src/tokenizer/vocabulary.ts';

/** The ids of GPT-2's tokens that end a line: 198 is the line feed alone, 628 two of them, and a few more hold others. */
export function newlineIds(): ReadonlySet<number> {
  const { bytes, starts, separator } = parseVocabulary(readVocabulary().vocabJson);
  const ids = Array.from({ length: starts.length - 1 }, (_, id) => id);
  return new Set(ids.filter((id) => id !== separator && bytes[starts[id + 1]! - 1] === LINE_FEED));
}

const LINE_FEED = 10;
