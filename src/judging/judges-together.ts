import { cohenKappa, krippendorffAlpha } from '../statistics/agreement.ts';
import { crossedBootstrap } from '../statistics/bootstrap.ts';
import { heterogeneity } from '../statistics/chi-squared.ts';
import { holm } from '../statistics/holm.ts';
import { exactTest } from '../statistics/proportion.ts';
import { fisherTest, newcombeInterval } from '../statistics/two-rates.ts';
import { randomAt, uniform } from '../lm/random/random.ts';
import { counted, rightOf, tested } from './figures.ts';
import type { JudgeResult } from './judge-figures.ts';
import type { Judged } from './judged.ts';
import type { ComparedModels, PooledFigures, Tested } from './report.ts';

const BOOTSTRAP_SAMPLES = 2000;

/** All judges together; null if fewer than two answered. `seed` is of the bootstrap. */
export function pooledFigures(results: readonly JudgeResult[], seed: number): PooledFigures | null {
  const answering = results.filter(({ figures }) => figures.answers > 0);
  if (answering.length < 2) return null;
  const ids = [...new Set(answering.flatMap(({ main }) => main.map(({ entry }) => entry.id)))].sort();
  const table = <T>(value: (judged: Judged) => T | null): (T | null)[][] =>
    answering.map(({ main }) => {
      const byId = new Map(main.map((judged) => [judged.entry.id, value(judged)]));
      return ids.map((id) => byId.get(id) ?? null);
    });
  const random = randomAt(seed, 2 ** 32 - 2, 'judge', 0);
  const right = table((judged) => judged.right);
  const { rate, low, high } = crossedBootstrap(right, BOOTSTRAP_SAMPLES, () => uniform(random));
  const isComplete = answering.every(({ figures }) => figures.isComplete);
  const { chiSquared, freedom, p } = heterogeneity(
    answering.map(({ figures }) => ({ right: figures.right, trials: figures.answers })),
  );
  const took = table((judged) => judged.took);
  return {
    judges: answering.length,
    accuracy: rate,
    low,
    high,
    heterogeneity: { chiSquared, freedom, p: isComplete ? p : null },
    alpha: finite(krippendorffAlpha(took)),
    kappa: answering.length === 2 ? finite(kappaOf(took)) : null,
  };
}

/** By rival: how often the model was taken for the person beside it. */
export function rivalFigures(results: readonly JudgeResult[], asked: number): Record<string, Tested> {
  const duels = results.flatMap(({ judged }) => judged.filter(({ entry }) => entry.kind === 'duel'));
  if (duels.length === 0) return {};
  const { right, answers } = rightOf(duels);
  return { eliza: tested(right, answers, duels.length === asked * results.length) };
}

/** How often each person was told from the model; p is Holm's over the persons. */
export function personFigures(results: readonly JudgeResult[], isComplete: boolean): ({ person: number } & Tested)[] {
  const main = results.flatMap((result) => result.main);
  const persons = [...new Set(main.map(({ entry }) => entry.person))].sort((a, b) => a - b);
  const counts = persons.map((person) => rightOf(main.filter(({ entry }) => entry.person === person)));
  const p = holm(counts.map(({ right, answers }) => exactTest(right, answers)));
  return persons.map((person, index) => {
    const { right, answers } = counts[index]!;
    return { person, ...counted(right, answers, isComplete), p: isComplete ? p[index]! : null };
  });
}

/** Each two models, on different conversations. */
export function modelFigures(
  results: readonly JudgeResult[],
  models: readonly string[],
  isComplete: boolean,
): ComparedModels[] {
  const main = results.flatMap((result) => result.main);
  const rateOf = (model: string): { right: number; trials: number } => {
    const { right, answers } = rightOf(main.filter(({ entry }) => entry.rival === model));
    return { right, trials: answers };
  };
  return pairsOf(models).flatMap(([a, b]) => {
    const [ofA, ofB] = [rateOf(a), rateOf(b)];
    if (ofA.trials === 0 || ofB.trials === 0) return [];
    const difference = ofA.right / ofA.trials - ofB.right / ofB.trials;
    const p = isComplete ? fisherTest(ofA, ofB) : null;
    return [{ a, b, difference, ...newcombeInterval(ofA, ofB), p }];
  });
}

export const pairsOf = <T>(items: readonly T[]): [T, T][] =>
  items.flatMap((a, index) => items.slice(index + 1).map((b): [T, T] => [a, b]));

// ---------------------------------------------------------------------------

const finite = (value: number): number | null => (Number.isFinite(value) ? value : null);

/** Of the questions that both judges answered. */
function kappaOf([first, second]: ('a' | 'b' | null)[][]): number {
  const table = [
    [0, 0],
    [0, 0],
  ];
  first!.forEach((a, index) => {
    const b = second![index] ?? null;
    if (a !== null && b !== null) table[a === 'a' ? 0 : 1]![b === 'a' ? 0 : 1]!++;
  });
  return cohenKappa(table);
}
