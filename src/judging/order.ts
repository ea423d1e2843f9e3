import { createHash } from 'node:crypto';
import { below, permutation, randomAt } from '../lm/random/random.ts';

/** A place in a judge's order of questions. */
export interface Place {
  id: string;
  /** Of a pair: whether the real text, or in a duel the model's, stands on the left. */
  isLeft: boolean;
}

export interface Placed {
  id: string;
  /** the id of an earlier question that is asked again here, with its sides changed; else null */
  repeats: string | null;
}

/** The number of the order in which a judge of this name is asked. */
export const orderOf = (judge: string): number => createHash('sha256').update(judge).digest().readUInt32BE(0);

/**
 * All questions in an order of the judge's own. Which side the real text is on is a fair coin for each question, so
 * that nothing is gained by counting. What is asked again comes in the second half, as far from the first time as there
 * is room. `seed` is a whole number below 2^53, `order` one below 2^32.
 */
export function placesOf(questions: readonly Placed[], seed: number, order: number): Place[] {
  const ids = inOrder(questions, seed, order);
  const again = new Map(questions.flatMap(({ id, repeats }) => (repeats === null ? [] : [[id, repeats]])));
  const random = randomAt(seed, 0, 'judge', order);
  const sides = new Map(ids.filter((id) => !again.has(id)).map((id) => [id, below(random, 2) === 1]));
  return ids.map((id) => ({ id, isLeft: sides.get(id) ?? !sides.get(again.get(id)!)! }));
}

// ---------------------------------------------------------------------------

function inOrder(questions: readonly Placed[], seed: number, order: number): string[] {
  const random = randomAt(seed, 2 ** 32 - 1, 'judge', order);
  const first = shuffled(
    questions.filter(({ repeats }) => repeats === null),
    random,
  ).map(({ id }) => id);
  const again = questions.filter(({ repeats }) => repeats !== null);
  // Those that came first are asked again first; each goes into the second half.
  const byPlace = [...again].sort((a, b) => first.indexOf(a.repeats!) - first.indexOf(b.repeats!));
  const placed = [...first];
  byPlace.forEach(({ id, repeats }, index) => {
    const wanted = Math.ceil((first.length * (index + 1 + again.length)) / (2 * again.length)) + index;
    placed.splice(Math.max(wanted, placed.indexOf(repeats!) + 1), 0, id);
  });
  return placed;
}

function shuffled<T>(items: readonly T[], random: () => number): T[] {
  return [...permutation(random, items.length)].map((index) => items[index]!);
}
