import { readVocabulary } from '../../src/artifacts/vocabulary.ts';
import { parseVocabulary } from '../../src/lm/vocabulary.ts';

/** The ids of GPT-2's tokens that end a line: 198 is the line feed alone, 628 two of them, and a few more hold others. */
export function newlineIds(): ReadonlySet<number> {
  const { bytesOf } = parseVocabulary(readVocabulary().vocabJson);
  return new Set(bytesOf.flatMap((bytes, id) => (bytes.at(-1) === LINE_FEED ? [id] : [])));
}

const LINE_FEED = 10;
