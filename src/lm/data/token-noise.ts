import { below, randomAt, uniform } from '../random/random.ts';

/**
 * Replaces each token [B, T] of a step, with the given probability, by a token drawn uniformly from the whole
 * vocabulary (nshepperd's `noise`). Each row is a pure function of seed, step and row number. Labels are not changed.
 */
export function noisyTokens(
  tokens: Int32Array,
  {
    probability,
    context,
    vocabularySize,
    seed,
    step,
  }: { probability: number; context: number; vocabularySize: number; seed: number; step: number },
): Int32Array {
  if (probability === 0) return tokens;
  const noisy = tokens.slice();
  for (let row = 0; row * context < tokens.length; row++) {
    const random = randomAt(seed, step, 'tokenNoise', row);
    for (let i = row * context; i < (row + 1) * context; i++) {
      if (uniform(random) < probability) noisy[i] = below(random, vocabularySize);
    }
  }
  return noisy;
}
