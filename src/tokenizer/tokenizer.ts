/** Converts text to token ids and back. */
export interface Tokenizer {
  vocabularySize: number;
  /** Id of the token between documents. `encode` never returns it. */
  separator: number;
  /**
   * Encodes ordinary text; even the text of the separator becomes ordinary tokens. Lone surrogates are read as U+FFFD.
   */
  encode(text: string): number[];
  /**
   * Encodes the UTF-8 bytes from `start` to `end`, which must be well-formed. Writes the ids to `into`, starting at
   * index `index`, where there must be room for one id per byte. Returns the index after the last.
   */
  encodeUtf8(bytes: Uint8Array, start: number, end: number, into: Uint16Array, index: number): number;
  /**
   * Incomplete characters, at the end of a sequence of ids that was cut, become U+FFFD; separators are left out.
   * `decode(encode(text))` is `text`, except for lone surrogates. Throws a RangeError for an id outside the vocabulary.
   */
  decode(ids: Iterable<number>): string;
  /** The UTF-8 bytes of an id; none for the separator and for ids outside the vocabulary. */
  bytesOf(id: number): Uint8Array;
  /** id → length of `bytesOf(id)` */
  byteLengths: Uint8Array;
}

const LINE_FEED = 10;

/** Ids of the tokens that end a line: all whose text ends with a line feed. */
export function lineEndIds({ vocabularySize, bytesOf }: Tokenizer): ReadonlySet<number> {
  const ids = Array.from({ length: vocabularySize }, (_, id) => id);
  return new Set(ids.filter((id) => bytesOf(id).at(-1) === LINE_FEED));
}
