import { createPairMerger } from './byte-pair-merge.ts';
import { parseMerges, parseVocabulary, type Vocabulary } from './vocabulary.ts';
import { wordEnd } from './word-scanner.ts';
import { LONGEST_KEPT_WORD, createWordTable } from './word-table.ts';

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
   * The same for UTF-8 bytes from `start` to `end`, which must be well-formed (as a TextEncoder writes them): the ids go into `into` from
   * place `at` on, where there must be room for one a byte. Returns the place after the last.
   */
  encodeUtf8(bytes: Uint8Array, start: number, end: number, into: Uint16Array, at: number): number;
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
  const encodeUtf8 = utf8Encoder(merge);
  const lengths = Uint8Array.from(vocabulary.bytesOf, (bytes) => bytes.length);
  return {
    vocabularySize: vocabulary.bytesOf.length,
    separator: vocabulary.separator,
    encode: (text) => {
      const bytes = new TextEncoder().encode(text); // writes U+FFFD for a lone surrogate
      const ids = new Uint16Array(bytes.length);
      return Array.from(ids.subarray(0, encodeUtf8(bytes, 0, bytes.length, ids, 0)));
    },
    encodeUtf8,
    decode: (ids) => decodeIds(ids, vocabulary),
    byteLength: (id) => lengths[id]!,
  };
}

function utf8Encoder(merge: (bytes: Uint8Array) => ArrayLike<number>): Encoding['encodeUtf8'] {
  const words = createWordTable();
  return (bytes, start, end, into, at) => {
    for (let word = start; word < end; ) {
      const after = wordEnd(bytes, word, end);
      const next = after - word <= LONGEST_KEPT_WORD ? words.copyIds(bytes, word, after, into, at) : -1;
      if (next >= 0) {
        at = next;
      } else {
        const ids = merge(bytes.subarray(word, after));
        for (let i = 0; i < ids.length; i++) into[at++] = ids[i]!;
        if (isLikelyAgain(bytes, word, after)) words.add(bytes, word, after, ids);
      }
      word = after;
    }
    return at;
  };
}

/** Not so the digits of time stamps: millions of them, each once, would drive the words out. */
function isLikelyAgain(bytes: Uint8Array, start: number, end: number): boolean {
  const last = bytes[end - 1]!;
  return end - start <= (last >= 0x30 && last <= 0x39 ? 5 : LONGEST_KEPT_WORD);
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
