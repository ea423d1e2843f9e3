import { inverseNormal } from './inverse-normal.ts';
import { philox } from './philox.ts';

/** Returns the next unsigned 32-bit word of a stream. */
export type Random = () => number;

/** Purposes of random choices. Each has its own stream, so adding a purpose does not change the others. */
export const STREAM = {
  weights: 1,
  order: 2,
  phase: 3,
  mix: 4,
  heldOut: 5,
  sampling: 6,
  tokenNoise: 7,
  dropout: 8,
  questions: 9,
  judge: 10,
  chat: 11,
} as const;
export type Stream = keyof typeof STREAM;

/**
 * The generator for (seed, step, stream, lane): the same four always give the same words, whatever was drawn before.
 * `seed` is an integer from 0 to 2^53 - 1; `step` and `lane` are below 2^32.
 */
export function randomAt(seed: number, step: number, stream: Stream, lane = 0): Random {
  if (!Number.isSafeInteger(seed) || seed < 0)
    throw new Error(`a seed must be a whole number from 0 to 2^53 - 1, not ${seed}`);
  const counter = Uint32Array.of(0, step, STREAM[stream], lane);
  const words = new Uint32Array(4);
  let used = 4;
  return () => {
    if (used === 4) {
      philox(counter, seed >>> 0, Math.floor(seed / 2 ** 32), words);
      counter[0]!++;
      used = 0;
    }
    return words[used++]!;
  };
}

/** A number strictly between 0 and 1. */
export function uniform(random: Random): number {
  return (random() + 0.5) / 2 ** 32;
}

/** A whole number from 0 to `bound` - 1, each equally likely: words in the incomplete last interval are drawn again. */
export function below(random: Random, bound: number): number {
  if (!Number.isInteger(bound) || bound < 1 || bound > 2 ** 32)
    throw new Error(`a bound must be a whole number from 1 to 2^32, not ${bound}`);
  const limit = Math.floor(2 ** 32 / bound) * bound;
  let word = random();
  while (word >= limit) word = random();
  return word % bound;
}

/** A normally distributed number with mean 0 and standard deviation 1; uses one word. */
export function normal(random: Random): number {
  return inverseNormal(uniform(random));
}

/** The numbers 0 to `count` - 1 in a random order, every order equally likely (Fisher and Yates). */
export function permutation(random: Random, count: number): Uint32Array {
  const order = Uint32Array.from({ length: count }, (_, i) => i);
  for (let i = count - 1; i > 0; i--) {
    const j = below(random, i + 1);
    [order[i], order[j]] = [order[j]!, order[i]!];
  }
  return order;
}
