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
export const classOfLabel = (label: number): TokenClass => TOKEN_CLASSES[label >> 14]!;
export const speakerOfLabel = (label: number): number => label & MOST_SPEAKERS;

/** A stretch of a document's text: how many UTF-8 bytes, and what its tokens are. */
export interface Stretch {
  bytes: number;
  label: number;
}

/**
 * One label for each id of a document. A token that reaches over the border of two stretches (" hello" holds the blank of the template)
 * is what its last byte is.
 */
export function labelsOf(ids: ArrayLike<number>, bytesOf: (id: number) => number, stretches: Stretch[]): Uint16Array {
  const labels = new Uint16Array(ids.length);
  let at = 0;
  let stretch = 0;
  let end = stretches[0]?.bytes ?? 0;
  for (let i = 0; i < ids.length; i++) {
    at += bytesOf(ids[i]!);
    while (at > end && stretch < stretches.length - 1) end += stretches[++stretch]!.bytes;
    labels[i] = stretches[stretch]?.label ?? 0;
  }
  return labels;
}
