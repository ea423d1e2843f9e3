/** Text to token ids and back. Pure: the files of the vocabulary come in as text. */
export interface Tokenizer {
  vocabularySize: number;
  /** Id of the token between documents. `encode` never yields it. */
  separator: number;
  /**
   * Ordinary text only: the separator's own text is encoded as ordinary tokens. A surrogate without its partner is read
   * as U+FFFD.
   */
  encode(text: string): number[];
  /**
   * The same for UTF-8 bytes from `start` to `end`, which must be well-formed (as a TextEncoder writes them). The ids
   * go into `into` from index `at` on, where there must be room for one per byte. Returns the index after the last.
   */
  encodeUtf8(bytes: Uint8Array, start: number, end: number, into: Uint16Array, at: number): number;
  /**
   * Bytes that are no whole character (an id sequence cut in the middle of one) become U+FFFD; separators are left out.
   * `decode(encode(text))` is `text` (without lone surrogates). Throws a RangeError for an id outside the vocabulary.
   */
  decode(ids: Iterable<number>): string;
  /** The UTF-8 bytes of text that an id stands for; none for the separator and for ids outside the vocabulary. */
  bytesOf(id: number): Uint8Array;
  /** id → length of `bytesOf(id)` */
  byteLengths: Uint8Array;
}

const LINE_FEED = 10;

/** Ids of the tokens that end a line: a line feed alone, several of them, or other text with one at its end. */
export function lineEndIds({ vocabularySize, bytesOf }: Tokenizer): ReadonlySet<number> {
  const ids = Array.from({ length: vocabularySize }, (_, id) => id);
  return new Set(ids.filter((id) => bytesOf(id).at(-1) === LINE_FEED));
}
