import { cohenKappa, krippendorffAlpha } from '../statistics/agreement.ts';
import { crossedBootstrap, crossedDifference } from '../statistics/bootstrap.ts';
import { heterogeneity } from '../statistics/chi-squared.ts';
import { holm } from '../statistics/holm.ts';
import { fisherTest, newcombeInterval, type Rate } from '../statistics/two-rates.ts';
import { randomAt, uniform } from '../lm/random/random.ts';
import { rightOf, tested } from './figures.ts';
import type { JudgeResult } from './judge-figures.ts';
import type { Judged } from './judged.ts';
import type { ComparedModels, PooledFigures, Together } from './report.ts';

const BOOTSTRAP_SAMPLES = 2000;
const LEAST_JUDGES = 3;

/**
 * Judges together. Here and below, `results` are those from whom there is a conclusion, and `seed` is of the bootstrap.
 * Null if there are fewer than two.
 */
export function pooledFigures(
  results: readonly JudgeResult[],
  models: readonly string[],
  seed: number,
): PooledFigures | null {
  if (results.length < 2) return null;
  const answers = results.map(({ main }) => main);
  const { accuracy, low, high } = together(answers, seed);
  const { chiSquared, freedom, p } = heterogeneity(
    results.map(({ figures }) => ({ right: figures.right, trials: figures.answers })),
  );
  const took = table(answers, (judged) => judged.took);
  return {
    judges: results.length,
    accuracy: accuracy!,
    low,
    high,
    byModel: Object.fromEntries(
      models.length > 1 ? models.map((model) => [model, together(ofModel(answers, model), seed)]) : [],
    ),
    heterogeneity: { chiSquared, freedom, p },
    alpha: finite(krippendorffAlpha(took)),
    kappa: results.length === 2 ? finite(kappaOf(took)) : null,
  };
}

/** By rival: how often the model was taken for the person beside it. */
export function rivalFigures(results: readonly JudgeResult[], asked: number, seed: number): Record<string, Together> {
  const duels = results.map(({ judged }) => judged.filter(({ entry }) => entry.kind === 'duel'));
  if (duels.flat().length === 0) return {};
  return { eliza: together(duels, seed, duels[0]!.length === asked) };
}

/** How often each person was told from the model; p is Holm's over the persons. */
export function personFigures(results: readonly JudgeResult[], seed: number): ({ person: number } & Together)[] {
  const answers = results.map(({ main }) => main);
  const persons = [...new Set(answers.flat().map(({ entry }) => entry.person))].sort((a, b) => a - b);
  const figures = persons.map((person) =>
    together(
      answers.map((main) => main.filter(({ entry }) => entry.person === person)),
      seed,
    ),
  );
  const p = results.length === 1 ? holm(figures.map((one) => one.p!)) : null;
  return persons.map((person, index) => ({ person, ...figures[index]!, p: p?.[index] ?? null }));
}

/** Each two models, on different conversations. */
export function modelFigures(
  results: readonly JudgeResult[],
  models: readonly string[],
  seed: number,
): ComparedModels[] {
  const answers = results.map(({ main }) => main);
  return pairsOf(models).flatMap(([a, b]): ComparedModels[] => {
    const [ofA, ofB] = [ofModel(answers, a), ofModel(answers, b)];
    const [rateA, rateB] = [rateOf(ofA), rateOf(ofB)];
    if (rateA.trials === 0 || rateB.trials === 0) return [];
    const difference = rateA.right / rateA.trials - rateB.right / rateB.trials;
    if (results.length === 1)
      return [{ a, b, difference, ...newcombeInterval(rateA, rateB), p: fisherTest(rateA, rateB) }];
    if (!haveInterval(answers)) return [{ a, b, difference, low: null, high: null, p: null }];
    const uniform = uniformOf(seed);
    const { low, high } = crossedDifference(rightTable(ofA), rightTable(ofB), BOOTSTRAP_SAMPLES, uniform);
    return [{ a, b, difference, low: finite(low), high: finite(high), p: null }];
  });
}

export const pairsOf = <T>(items: readonly T[]): [T, T][] =>
  items.flatMap((a, index) => items.slice(index + 1).map((b): [T, T] => [a, b]));

// ---------------------------------------------------------------------------

type Answers = readonly (readonly Judged[])[];

/** `answers[judge]`. `isComplete`: whether a single judge has given all that were planned. */
function together(answers: Answers, seed: number, isComplete = true): Together {
  const { right, answers: count } = rightOf(answers.flat());
  if (answers.length === 1) return tested(right, count, isComplete);
  const none = { right, answers: count, accuracy: count === 0 ? null : right / count, low: null, high: null, p: null };
  if (!haveInterval(answers)) return none;
  const { low, high } = crossedBootstrap(rightTable(answers), BOOTSTRAP_SAMPLES, uniformOf(seed));
  return { ...none, low: finite(low), high: finite(high) };
}

/** Whether judges are enough, and differ: else a bootstrap takes them for all judges that there are. */
function haveInterval(answers: Answers): boolean {
  if (answers.length < LEAST_JUDGES) return false;
  const [first, ...others] = rightTable(answers).map((row) => JSON.stringify(row));
  return others.some((other) => other !== first);
}

/** One row for each judge, one column for each question that any of them answered. */
function table<T>(answers: Answers, value: (judged: Judged) => T | null): (T | null)[][] {
  const ids = [...new Set(answers.flat().map(({ entry }) => entry.id))].sort();
  return answers.map((main) => {
    const byId = new Map(main.map((judged) => [judged.entry.id, value(judged)]));
    return ids.map((id) => byId.get(id) ?? null);
  });
}

const rightTable = (answers: Answers): (boolean | null)[][] => table(answers, ({ right }) => right);

const ofModel = (answers: Answers, model: string): Answers =>
  answers.map((main) => main.filter(({ entry }) => entry.rival === model));

function rateOf(answers: Answers): Rate {
  const { right, answers: trials } = rightOf(answers.flat());
  return { right, trials };
}

function uniformOf(seed: number): () => number {
  const random = randomAt(seed, 2 ** 32 - 2, 'judge', 0);
  return () => uniform(random);
}

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
