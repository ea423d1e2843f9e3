import { charactersIn, type HealthText } from './text.ts';

/** What may be wrong with a line. */
export const FAULTS = ['empty', 'repeated', 'overLong', 'copied', 'emoji'] as const;
export type Fault = (typeof FAULTS)[number];

/**
 * A line that stands in the prompt is copied from this many characters on. People repeat shorter ones without copying:
 * of 212,028 lines of 20,023 English conversations, 1 in 1,200 stands in the six lines before it if 8 characters are
 * enough, 1 in 4,600 with 20, and more characters hardly change that.
 */
export const FEWEST_COPIED = 20;

/** So many emoji in a row are a run. */
export const EMOJI_RUN = 3;

/** A line that was written, and what is wrong with it. */
export interface MarkedLine {
  /** in characters */
  length: number;
  faults: readonly Fault[];
}

/**
 * Looks at the written lines of each text. An empty line has nothing that can be seen. A line is repeated if it is the
 * same as an earlier written one of its text, and copied if it stands in a line before it that was not written. A line
 * in which the text was cut counts only if it is too long already.
 */
export function markedLines(texts: readonly HealthText[], longest: number): MarkedLine[][] {
  return texts.map((text) => {
    const written = new Set<string>();
    const given: string[] = [];
    return text.flatMap((line): MarkedLine[] => {
      const said = line.text.trim();
      if (!line.isWritten) {
        given.push(said);
        return [];
      }
      const length = charactersIn(line.text);
      if (line.isCut && length <= longest) return [];
      const isEmpty = UNSEEN.test(said);
      const is: Record<Fault, boolean> = {
        empty: isEmpty,
        repeated: !isEmpty && written.has(said),
        overLong: length > longest,
        copied: charactersIn(said) >= FEWEST_COPIED && given.some((other) => other.includes(said)),
        emoji: EMOJI.test(said),
      };
      written.add(said);
      return [{ length, faults: FAULTS.filter((fault) => is[fault]) }];
    });
  });
}

/**
 * The length that lines of these texts rarely exceed: at most 1 of 100 of them is longer. Of fewer than 100 lines, none
 * is. 0 if there are none.
 */
export function longestUsual(texts: readonly HealthText[]): number {
  const lengths = texts
    .flatMap((text) => text.filter(({ isWritten, isCut }) => isWritten && !isCut))
    .map(({ text }) => charactersIn(text))
    .sort((a, b) => a - b);
  return lengths[lengths.length - 1 - Math.floor(lengths.length / 100)] ?? 0;
}

// ---------------------------------------------------------------------------

const UNSEEN = /^[\s\p{Cc}\p{Cf}]*$/u;

/** A flag, a key, or a picture with all that changes it or is joined to it; © ® ™ are no pictures. */
const ONE_EMOJI =
  '(?:\\p{Regional_Indicator}{2}|[0-9#*]\\uFE0F?\\u20E3|(?![©®™])\\p{Extended_Pictographic}CHANGED(?:\\u200D\\p{Extended_Pictographic}CHANGED)*)'.replaceAll(
    'CHANGED',
    '[\\uFE0F\\p{Emoji_Modifier}]?[\\u{E0020}-\\u{E007F}]*',
  );
/** Blanks between them do not end a run. */
const EMOJI = new RegExp(`(?:${ONE_EMOJI}\\s*){${EMOJI_RUN}}`, 'u');
