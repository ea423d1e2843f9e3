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

const BLOCK = 10;

/** The number of the order in which a judge of this name is asked. */
export const orderOf = (judge: string): number => createHash('sha256').update(judge).digest().readUInt32BE(0);

/**
 * All questions in an order of the judge's own, in blocks of ten: in each, the real text is on the left five times.
 * What is asked again comes in the second half, as far from the first time as there is room. `seed` is a whole number
 * below 2^53, `order` one below 2^32.
 */
export function placesOf(questions: readonly Placed[], seed: number, order: number): Place[] {
  const ids = inOrder(questions, seed, order);
  const again = new Map(questions.flatMap(({ id, repeats }) => (repeats === null ? [] : [[id, repeats]])));
  const sides = new Map<string, boolean>();
  for (let start = 0; start < ids.length; start += BLOCK) {
    const block = ids.slice(start, start + BLOCK);
    const random = randomAt(seed, start / BLOCK, 'judge', order);
    for (const id of block) {
      const first = again.get(id);
      if (first === undefined) continue;
      // If both are in this block, the first has no side yet.
      if (!sides.has(first)) sides.set(first, below(random, 2) === 1);
      sides.set(id, !sides.get(first)!);
    }
    const fixedLeft = block.filter((id) => sides.get(id)).length;
    const free = block.filter((id) => !sides.has(id));
    const half = block.length % 2 === 0 ? block.length / 2 : (block.length - 1) / 2 + below(random, 2);
    const left = Math.min(free.length, Math.max(0, half - fixedLeft));
    const drawn = permutation(random, free.length);
    free.forEach((id, index) => sides.set(id, drawn[index]! < left));
  }
  return ids.map((id) => ({ id, isLeft: sides.get(id)! }));
}

// ---------------------------------------------------------------------------

function inOrder(questions: readonly Placed[], seed: number, order: number): string[] {
  // Blocks use steps from 0 on; this step is beyond any of them.
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
