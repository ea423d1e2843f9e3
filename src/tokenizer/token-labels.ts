/**
 * A label of 16 bits for each token: its class in the two highest bits, below them the number of the speaker of its
 * line. 0 is nobody; the speakers of a token set are numbered from 1, in the order of their first lines.
 */
export const TOKEN_CLASSES = ['stamp', 'name', 'text', 'separator'] as const;
export type TokenClass = (typeof TOKEN_CLASSES)[number];
export type TextClass = Exclude<TokenClass, 'separator'>;

/** Speakers beyond this many share the last number. */
export const MOST_SPEAKERS = 2 ** 14 - 1;

export const labelOf = (tokenClass: TokenClass, speaker: number): number =>
  (TOKEN_CLASSES.indexOf(tokenClass) << 14) | Math.min(speaker, MOST_SPEAKERS);
/** The class's index in `TOKEN_CLASSES`. */
export const classNumber = (label: number): number => label >> 14;
export const classOfLabel = (label: number): TokenClass => TOKEN_CLASSES[classNumber(label)]!;
export const speakerOfLabel = (label: number): number => label & MOST_SPEAKERS;

/**
 * Labels the ids of a document from index `first` to `end`, and writes the labels to the same indices of `into`.
 *
 * `stretches` divides the text of the document. Each stretch has two numbers: its end, in UTF-8 bytes from the start of
 * the document, and its label. A token that crosses the end of a stretch, such as " hello" with a space from the
 * template, gets the label of its last byte. `lengths`: id → bytes. Adds to `classes`, the number of tokens per class.
 */
export function labelTokens(
  ids: Uint16Array,
  first: number,
  end: number,
  lengths: Uint8Array,
  stretches: Uint32Array,
  into: Uint16Array,
  classes: Uint32Array,
): void {
  let offset = 0;
  let i = first;
  for (let stretch = 0; stretch < stretches.length; stretch += 2) {
    const stretchEnd = stretches[stretch]!;
    const label = stretches[stretch + 1]!;
    const before = i;
    for (; i < end; i++) {
      const after = offset + lengths[ids[i]!]!;
      if (after > stretchEnd) break;
      offset = after;
      into[i] = label;
    }
    classes[classNumber(label)]! += i - before;
  }
}
