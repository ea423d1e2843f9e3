import { createPairMerger } from './byte-pair-merge.ts';
import { openPlainWords, type PlainWords } from './plain-words.ts';
import type { Tokenizer } from './tokenizer.ts';
import { byteLengthsOf, parseMerges, parseVocabulary, type Vocabulary } from './vocabulary.ts';
import { wordEnd } from './word-scanner.ts';
import { LONGEST_CACHED_WORD, createWordTable } from './word-table.ts';

/**
 * GPT-2's byte-level byte-pair encoding. Encodes every string to the same ids as OpenAI's encoder.
 *
 * `vocabJson` maps pieces to ids, like OpenAI's `encoder.json`. `mergesText` has a version line, then two pieces per
 * line, best first, like `vocab.bpe`. Throws an Error if the two do not match.
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

/** Encodes window by window: plain words many at a time, the others one by one. */
function utf8Encoder(plain: PlainWords, merge: Merge): Tokenizer['encodeUtf8'] {
  const encodeWord = wordEncoder(merge);
  return (bytes, start, end, into, index) => {
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
      into.set(plain.ids.subarray(0, count), index);
      index += count;
      if (word >= limit) continue;
      index = encodeWord(bytes, word, after, into, index); // a word that does not fit into the rest of the window
      word = after;
    }
    return index;
  };
}

/** Writes the ids of a word to `into`, starting at `index`; returns the index after the last. */
function wordEncoder(
  merge: Merge,
): (bytes: Uint8Array, start: number, end: number, into: Uint16Array, index: number) => number {
  const words = createWordTable();
  return (bytes, start, end, into, index) => {
    const isCached = end - start <= LONGEST_CACHED_WORD;
    const next = isCached ? words.copyIds(bytes, start, end, into, index) : -1;
    if (next >= 0) return next;
    const ids = merge(bytes.subarray(start, end));
    if (isCached) words.add(bytes, start, end, ids);
    return putIds(ids, into, index);
  };
}

function putIds(ids: ArrayLike<number>, into: Uint16Array, index: number): number {
  for (let i = 0; i < ids.length; i++) into[index + i] = ids[i]!;
  return index + ids.length;
}

type Merge = (bytes: Uint8Array) => ArrayLike<number>;

function decodeIds(ids: Iterable<number>, { bytes, starts }: Vocabulary): string {
  const parts: Uint8Array[] = [];
  for (const id of ids) {
    const [start, end] = [starts[id], starts[id + 1]];
    if (start === undefined || end === undefined)
      throw new RangeError(`${id} is not a token id: the ids of the vocabulary are 0 to ${starts.length - 2}`);
    parts.push(bytes.subarray(start, end));
  }
  return new TextDecoder('utf-8', { ignoreBOM: true }).decode(joined(parts)); // ignoreBOM keeps a U+FEFF at the start
}

function joined(parts: Uint8Array[]): Uint8Array {
  const all = new Uint8Array(parts.reduce((sum, { length }) => sum + length, 0));
  let offset = 0;
  for (const part of parts) {
    all.set(part, offset);
    offset += part.length;
  }
  return all;
}
