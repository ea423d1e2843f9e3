/** Lines that belong together, in their order: what was there before, and what was written. */
export type HealthText = readonly HealthLine[];

export interface HealthLine {
  /** what is said, without the name and the time */
  text: string;
  /** false: it was there before, as part of the prompt */
  isWritten: boolean;
  /** the text was cut in this line, so nobody knows how long it would have become */
  isCut?: boolean;
}

/** Characters, as people count most of them: code points. */
export const charactersIn = (text: string): number => [...text].length;

/** Cuts texts into pieces of at most `most` lines: the longer a text, the more of its lines repeat an earlier one. */
export const inPieces = (texts: readonly HealthText[], most: number): HealthText[] =>
  texts.flatMap((text) =>
    Array.from({ length: Math.ceil(text.length / most) }, (_, i) => text.slice(i * most, (i + 1) * most)),
  );
