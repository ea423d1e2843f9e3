import { createPairMerger } from './byte-pair-merge.ts';
import { parseMerges, parseVocabulary, type Vocabulary } from './vocabulary.ts';

/** GPT-2's byte-level byte-pair encoding. Pure: the two vocabulary files come in as text. */
export interface Encoding {
  /** 50257 for GPT-2 */
  vocabularySize: number;
  /** Id of `<|endoftext|>`, 50256 for GPT-2. `encode` never yields it. */
  separator: number;
  /**
   * Ordinary text only: `<|endoftext|>` in it is seven ordinary tokens. A surrogate without its partner is read as U+FFFD.
   * Any string gives the ids that OpenAI's encoder gives for it.
   */
  encode(text: string): number[];
  /**
   * Bytes that are no whole character (an id sequence cut in the middle of one) become U+FFFD; separators are left out.
   * `decode(encode(text))` is `text` (without lone surrogates). Throws a RangeError for an id outside the vocabulary.
   */
  decode(ids: Iterable<number>): string;
  /** How many bytes of text stand behind an id; 0 for the separator. */
  byteLength(id: number): number;
}

/**
 * `vocabJson`: piece → id, as OpenAI's `encoder.json`; `mergesText`: a version line, then two pieces a line, best first, as `vocab.bpe`.
 * Throws an Error when the two do not belong together.
 */
export function createEncoding(vocabJson: string, mergesText: string): Encoding {
  const vocabulary = parseVocabulary(vocabJson);
  const merge = createPairMerger(vocabulary.byteIds, parseMerges(mergesText, vocabulary));
  const idsOf = cached(merge);
  return {
    vocabularySize: vocabulary.bytesOf.length,
    separator: vocabulary.separator,
    encode: (text) => encodeText(text, idsOf),
    decode: (ids) => decodeIds(ids, vocabulary),
    byteLength: (id) => vocabulary.bytesOf[id]!.length,
  };
}

/**
 * OpenAI's pattern: English contractions, optional space + letters, optional space + digits, optional space + other, white space.
 * Python's `\s` is the Unicode property White_Space, JavaScript's is not: it lacks U+0085 and has U+FEFF.
 */
const WORD =
  /'s|'t|'re|'ve|'m|'ll|'d| ?\p{L}+| ?\p{N}+| ?[^\p{White_Space}\p{L}\p{N}]+|\p{White_Space}+(?!\P{White_Space})|\p{White_Space}+/gu;

/** No word of the pattern goes on from anything else into white space, so a text may be cut there and encoded in parts. */
const CUT = /\P{White_Space}(?=\p{White_Space})/gu;

/** Bounds the array of words that one match makes. */
const SEGMENT_CHARS = 16_384;

/** Bound the memory of the cache: at most this many words of at most this many UTF-16 units. */
const CACHED_WORDS = 200_000;
const CACHED_WORD_CHARS = 48;

function encodeText(text: string, idsOf: (word: string) => ArrayLike<number>): number[] {
  const ids: number[] = [];
  for (let start = 0; start < text.length; ) {
    const end = segmentEnd(text, start);
    for (const word of text.slice(start, end).match(WORD) ?? []) {
      const wordIds = idsOf(word);
      for (let i = 0; i < wordIds.length; i++) ids.push(wordIds[i]!);
    }
    start = end;
  }
  return ids;
}

function segmentEnd(text: string, start: number): number {
  if (text.length - start <= SEGMENT_CHARS) return text.length;
  CUT.lastIndex = start + SEGMENT_CHARS;
  return CUT.test(text) ? CUT.lastIndex : text.length;
}

function cached(merge: (bytes: Uint8Array) => number[]): (word: string) => ArrayLike<number> {
  const encoder = new TextEncoder(); // writes U+FFFD for a lone surrogate
  const cache = new Map<string, ArrayLike<number>>();
  return (word) => {
    const known = cache.get(word);
    if (known !== undefined) return known;
    const ids = merge(encoder.encode(word));
    if (word.length <= CACHED_WORD_CHARS) {
      if (cache.size >= CACHED_WORDS) cache.clear();
      // A word is a slice that would keep its whole text alive: the copy does not.
      cache.set(unsliced(word), ids);
    }
    return ids;
  };
}

function unsliced(word: string): string {
  return word.length < 13 ? word : word.split('').join('');
}

function decodeIds(ids: Iterable<number>, { bytesOf }: Vocabulary): string {
  const parts: Uint8Array[] = [];
  let length = 0;
  for (const id of ids) {
    const bytes = bytesOf[id];
    if (bytes === undefined) throw new RangeError(`${id} is no token id: the vocabulary has 0 to ${bytesOf.length - 1}`);
    parts.push(bytes);
    length += bytes.length;
  }
  const all = new Uint8Array(length);
  let at = 0;
  for (const bytes of parts) {
    all.set(bytes, at);
    at += bytes.length;
  }
  return new TextDecoder('utf-8', { ignoreBOM: true }).decode(all); // ignoreBOM keeps a U+FEFF at the start
}
