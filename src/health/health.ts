import { holm } from '../statistics/holm.ts';
import { clusteredFisherTest } from '../statistics/clustered-rates.ts';
import type { Rate } from '../statistics/two-rates.ts';
import { FAULTS, longestUsual, markedLines, type Fault, type MarkedLine } from './marks.ts';
import type { HealthText } from './text.ts';

export interface Figures extends Record<Fault, number> {
  /** written lines; the other figures are shares of them, but for the median */
  lines: number;
  /** in characters; null if there are no lines */
  medianLength: number | null;
}
export type Figure = Fault | 'medianLength';
export const FIGURES = [...FAULTS, 'medianLength'] as const satisfies Figure[];

/** What a model wrote, beside what people wrote. */
export interface Health {
  generated: Figures;
  real: Figures;
  /** in characters: a longer line is over-long. 1 of 100 real lines is, by definition */
  longest: number;
  /** that the figures are equal, corrected for their number */
  p: Record<Figure, number>;
  /** where they part */
  parts: Figure[];
}

/**
 * Two figures part if they differ by more than chance, by Fisher's exact test, which holds for a dozen lines too, with
 * Holm's correction for the number of figures. Lines of one text are alike, so the test takes them for fewer than they
 * are (`clusteredFisherTest`); taken as independent, every third sample of real texts parted from other real texts. One
 * line alone never makes a share part. For the median, the test asks whether as many lines are longer than the common
 * median on either side (Mood's test).
 */
export const LEVEL = 0.05;

/** Compares written lines. What they are compared with should have as many lines before and in each text. */
export function healthOf(generated: readonly HealthText[], real: readonly HealthText[]): Health {
  const longest = longestUsual(real);
  const [ours, theirs] = [markedLines(generated, longest), markedLines(real, longest)];
  const common = median([...ours, ...theirs].flatMap((lines) => lines.map(({ length }) => length))) ?? 0;
  const p = FIGURES.map((figure) => {
    const has = ({ length, faults }: MarkedLine): boolean =>
      figure === 'medianLength' ? length > common : faults.includes(figure);
    const rateOf = (lines: readonly MarkedLine[]): Rate => ({ right: lines.filter(has).length, trials: lines.length });
    return clusteredFisherTest(ours.map(rateOf), theirs.map(rateOf));
  });
  const corrected = holm(p);
  const [written, read] = [figuresOf(ours.flat()), figuresOf(theirs.flat())];
  const isOneLine = (figure: Figure): boolean =>
    figure !== 'medianLength' && written[figure] > read[figure] && Math.round(written[figure] * written.lines) === 1;
  return {
    generated: written,
    real: read,
    longest,
    p: Object.fromEntries(FIGURES.map((figure, i) => [figure, corrected[i]!])) as Record<Figure, number>,
    parts: FIGURES.filter((figure, i) => corrected[i]! < LEVEL && !isOneLine(figure)),
  };
}

// ---------------------------------------------------------------------------

function figuresOf(lines: readonly MarkedLine[]): Figures {
  const share = (fault: Fault): number =>
    lines.length === 0 ? 0 : lines.filter(({ faults }) => faults.includes(fault)).length / lines.length;
  return {
    lines: lines.length,
    empty: share('empty'),
    repeated: share('repeated'),
    overLong: share('overLong'),
    copied: share('copied'),
    emoji: share('emoji'),
    medianLength: median(lines.map(({ length }) => length)),
  };
}

function median(values: readonly number[]): number | null {
  const sorted = values.toSorted((a, b) => a - b);
  const middle = Math.floor(sorted.length / 2);
  return sorted.length === 0
    ? null
    : sorted.length % 2 === 1
      ? sorted[middle]!
      : (sorted[middle - 1]! + sorted[middle]!) / 2;
}
