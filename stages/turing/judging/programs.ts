import { PROGRAMS, type JudgedByProgram, type Program } from '../../../src/artifacts/questions.ts';
import { permutation, randomAt, uniform } from '../../../src/lm/random/random.ts';
import { auc } from '../../../src/statistics/auc.ts';
import { holm } from '../../../src/statistics/holm.ts';
import { crossValidated, flipTest, recognized } from '../../../src/statistics/pair-classifier.ts';
import { exactInterval, exactTest } from '../../../src/statistics/proportion.ts';
import { rounded } from './rounded.ts';
import { surfaceOf } from './surface.ts';
import type { ShownText } from '../real/shown.ts';

/** What programs know of a text. */
export interface Features {
  lines: readonly ShownText[];
  chars: number;
  logProbability: number;
  ranks: readonly [number, number, number];
  /** share of its runs that are in train */
  recited: number;
}

export interface FeaturedPair {
  real: Features;
  rival: Features;
}

export type Margins = Record<Program, number>;

export interface Judged {
  /** for each pair */
  margins: Margins[];
  programs: Record<Program, JudgedByProgram>;
}

/** Lets all programs judge the pairs of one rival. At least two pairs. */
export function judge(pairs: readonly FeaturedPair[], seed: number): Judged {
  // Neighbours may be from the same time; a random order gives each fold all sorts.
  const order = [...permutation(randomAt(seed, 2, 'questions'), pairs.length)];
  const shuffled = order.map((index) => pairs[index]!);
  const learned: Record<Program, (signs?: ArrayLike<number>) => number[]> = {
    length: fixed(shuffled.map(({ real, rival }) => real.chars - rival.chars)),
    recite: fixed(shuffled.map(({ real, rival }) => rival.recited - real.recited)),
    likelihood: crossValidated(scaled(shuffled.map(likelihoodDifference)), FOLDS, 1),
    surface: crossValidated(shuffled.map(surfaceDifference), FOLDS, 1),
  };
  const byProgram = (name: Program): number[] => {
    const margins = learned[name]().map(rounded);
    const inOrder = pairs.map(() => 0);
    for (const [i, index] of order.entries()) inOrder[index] = margins[i]!;
    return inOrder;
  };
  const all = Object.fromEntries(PROGRAMS.map((name) => [name, byProgram(name)])) as Record<Program, number[]>;
  const flipped = (): number =>
    flipTest({
      statistic: (signs) => recognized(learned.likelihood(signs)),
      pairs: pairs.length,
      permutations: PERMUTATIONS,
      uniform: uniformFrom(seed),
    });
  return {
    margins: pairs.map((_, i) => Object.fromEntries(PROGRAMS.map((name) => [name, all[name][i]!])) as Margins),
    programs: Object.fromEntries(
      PROGRAMS.map((name) => [name, figures(all[name], name === 'likelihood' ? flipped() : null)]),
    ) as Record<Program, JudgedByProgram>,
  };
}

/**
 * The programs that tell real texts from real texts, which means that the way of the texts through the test leaves a
 * trace. Four honest judges do so once in 10,000 tests.
 */
export function leaks(programs: Record<Program, JudgedByProgram>): Program[] {
  const p = PROGRAMS.map((name) => exactTest(Math.round(programs[name].right), programs[name].pairs));
  const corrected = holm(p);
  return PROGRAMS.filter((_, i) => corrected[i]! < 1e-4);
}

// ---------------------------------------------------------------------------

const FOLDS = 10;
const PERMUTATIONS = 199;

const fixed =
  (margins: number[]) =>
  (signs?: ArrayLike<number>): number[] =>
    margins.map((margin, i) => margin * (signs?.[i] ?? 1));

const likelihoodDifference = ({ real, rival }: FeaturedPair): number[] => [
  real.logProbability - rival.logProbability,
  ...real.ranks.map((share, i) => share - rival.ranks[i]!),
];

function surfaceDifference({ real, rival }: FeaturedPair): Float64Array {
  const other = surfaceOf(rival.lines);
  return surfaceOf(real.lines).map((value, i) => value - other[i]!);
}

/** Divides each column by its root mean square, which does not change when pairs are turned round. */
function scaled(rows: number[][]): number[][] {
  const scale = (rows[0] ?? []).map(
    (_, i) => Math.sqrt(rows.reduce((sum, row) => sum + row[i]! ** 2, 0) / rows.length) || 1,
  );
  return rows.map((row) => row.map((value, i) => value / scale[i]!));
}

function figures(margins: readonly number[], p: number | null): JudgedByProgram {
  const right = recognized(margins);
  const whole = Math.round(right);
  const { low, high } = exactInterval(whole, margins.length);
  return {
    pairs: margins.length,
    right,
    accuracy: rounded(right / margins.length),
    low: rounded(low),
    high: rounded(high),
    p: rounded(p ?? exactTest(whole, margins.length)),
    auc: rounded(
      auc(
        margins,
        margins.map((margin) => -margin),
      ),
    ),
  };
}

function uniformFrom(seed: number): () => number {
  const random = randomAt(seed, 3, 'questions');
  return () => uniform(random);
}
