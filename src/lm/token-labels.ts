/**
 * What each token is, in 16 bits beside its id: its class in the two highest bits, below them the number of the speaker whose line it
 * stands in. 0 is nobody; the speakers of a token set are numbered from 1 in the order of their first line.
 */
export const TOKEN_CLASSES = ['stamp', 'name', 'text', 'separator'] as const;
export type TokenClass = (typeof TOKEN_CLASSES)[number];
export type TextClass = Exclude<TokenClass, 'separator'>;

/** Speakers beyond this many share the last number: a class of its own for each would not be learnt anyway. */
export const MOST_SPEAKERS = 2 ** 14 - 1;

export const labelOf = (tokenClass: TokenClass, speaker: number): number => (TOKEN_CLASSES.indexOf(tokenClass) << 14) | Math.min(speaker, MOST_SPEAKERS);
/** The class's place in `TOKEN_CLASSES`. */
export const classNumber = (label: number): number => label >> 14;
export const classOfLabel = (label: number): TokenClass => TOKEN_CLASSES[classNumber(label)]!;
export const speakerOfLabel = (label: number): number => label & MOST_SPEAKERS;

/** Stretches of a document's text, side by side: where each ends, in UTF-8 bytes from the document's start, and what its tokens are. */
export interface Stretches {
  ends: number[];
  labels: number[];
}

/**
 * One label for each id of a document, into `into`. A token that reaches over the border of two stretches (" hello" holds the blank of the
 * template) is what its last byte is.
 */
export function labelTokens(ids: ArrayLike<number>, bytesOf: (id: number) => number, { ends, labels }: Stretches, into: Uint16Array): void {
  let at = 0;
  let stretch = 0;
  for (let i = 0; i < ids.length; i++) {
    at += bytesOf(ids[i]!);
    while (at > ends[stretch]! && stretch < ends.length - 1) stretch++;
    into[i] = labels[stretch] ?? 0;
  }
}
