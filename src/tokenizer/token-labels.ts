/**
 * What each token is, in 16 bits beside its id: its class in the two highest bits, below them the number of the speaker
 * whose line it stands in. 0 is nobody; the speakers of a token set are numbered from 1 in the order of their first
 * line.
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
 * Labels the ids of a document, those from `first` up to `end`, at the same indices of `into`.
 *
 * `stretches` divides the document's text: two numbers each, where it ends, in UTF-8 bytes from the document's start,
 * and its label. A token that crosses the end of a stretch (" hello" holds the space of the template) gets the label of
 * its last byte. `lengths`: id → bytes. `classes`: number of tokens of each class, which this adds to.
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
  let at = 0;
  let i = first;
  for (let stretch = 0; stretch < stretches.length; stretch += 2) {
    const stretchEnd = stretches[stretch]!;
    const label = stretches[stretch + 1]!;
    const before = i;
    for (; i < end; i++) {
      const after = at + lengths[ids[i]!]!;
      if (after > stretchEnd) break;
      at = after;
      into[i] = label;
    }
    classes[classNumber(label)]! += i - before;
  }
}
