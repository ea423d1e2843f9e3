import { createPairMerger } from './byte-pair-merge.ts';
import { openPlainWords, type PlainWords } from './plain-words.ts';
import type { Tokenizer } from './tokenizer.ts';
import { byteLengthsOf, parseMerges, parseVocabulary, type Vocabulary } from './vocabulary.ts';
import { wordEnd } from './word-scanner.ts';
import { LONGEST_KEPT_WORD, createWordTable } from './word-table.ts';

/**
 * GPT-2's byte-level byte-pair encoding. Any string gives the ids that OpenAI's encoder gives for it.
 *
 * `vocabJson`: piece → id, as OpenAI's `encoder.json`; `mergesText`: a version line, then two pieces a line, best
 * first, as `vocab.bpe`. Throws an Error when the two do not belong together.
 */
export function byteLevelTokenizer(vocabJson: string, mergesText: string): Tokenizer {
  const vocabulary = parseVocabulary(vocabJson);
  const merges = parseMerges(mergesText, vocabulary);
  const encodeUtf8 = utf8Encoder(
    openPlainWords(vocabulary.byteIds, merges),
    createPairMerger(vocabulary.byteIds, merges),
  );
  return {
    vocabularySize: vocabulary.starts.length - 1,
    separator: vocabulary.separator,
    encode: (text) => {
      const bytes = new TextEncoder().encode(text); // writes U+FFFD for a lone surrogate
      const ids = new Uint16Array(bytes.length);
      return Array.from(ids.subarray(0, encodeUtf8(bytes, 0, bytes.length, ids, 0)));
    },
    encodeUtf8,
    decode: (ids) => decodeIds(ids, vocabulary),
    bytesOf: (id) => vocabulary.bytes.subarray(vocabulary.starts[id] ?? 0, vocabulary.starts[id + 1] ?? 0),
    byteLengths: byteLengthsOf(vocabulary),
  };
}

/** Window by window: plain words many at a time, the others one by one. */
function utf8Encoder(plain: PlainWords, merge: Merge): Tokenizer['encodeUtf8'] {
  const encodeWord = wordEncoder(merge);
  return (bytes, start, end, into, at) => {
    for (let word = start; word < end;) {
      const first = word;
      const windowEnd = Math.min(end, first + plain.windowBytes);
      const isLast = windowEnd === end;
      const limit = isLast ? end : windowEnd - plain.marginBytes;
      plain.text.set(bytes.subarray(first, windowEnd));
      let count = 0;
      let after = 0;
      for (;;) {
        word = first + plain.encode(word - first, windowEnd - first, isLast, count);
        count = plain.idsEnd();
        if (word >= limit) break;
        after = wordEnd(bytes, word, end);
        if (after > windowEnd) break;
        count = encodeWord(bytes, word, after, plain.ids, count);
        word = after;
      }
      into.set(plain.ids.subarray(0, count), at);
      at += count;
      if (word >= limit) continue;
      at = encodeWord(bytes, word, after, into, at); // longer than what is left of the window, or than any
      word = after;
    }
    return at;
  };
}

/** Writes the ids of a word into `into`, from index `at` on; returns the index after them. */
function wordEncoder(
  merge: Merge,
): (bytes: Uint8Array, start: number, end: number, into: Uint16Array, at: number) => number {
  const words = createWordTable();
  return (bytes, start, end, into, at) => {
    const isKept = end - start <= LONGEST_KEPT_WORD;
    const next = isKept ? words.copyIds(bytes, start, end, into, at) : -1;
    if (next >= 0) return next;
    const ids = merge(bytes.subarray(start, end));
    if (isKept) words.add(bytes, start, end, ids);
    return putIds(ids, into, at);
  };
}

function putIds(ids: ArrayLike<number>, into: Uint16Array, at: number): number {
  for (let i = 0; i < ids.length; i++) into[at + i] = ids[i]!;
  return at + ids.length;
}

type Merge = (bytes: Uint8Array) => ArrayLike<number>;

function decodeIds(ids: Iterable<number>, { bytes, starts }: Vocabulary): string {
  const parts: Uint8Array[] = [];
  for (const id of ids) {
    const [start, end] = [starts[id], starts[id + 1]];
    if (start === undefined || end === undefined)
      throw new RangeError(`${id} is no token id: the vocabulary has 0 to ${starts.length - 2}`);
    parts.push(bytes.subarray(start, end));
  }
  return new TextDecoder('utf-8', { ignoreBOM: true }).decode(joined(parts)); // ignoreBOM keeps a U+FEFF at the start
}

function joined(parts: Uint8Array[]): Uint8Array {
  const all = new Uint8Array(parts.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const part of parts) {
    all.set(part, at);
    at += part.length;
  }
  return all;
}
