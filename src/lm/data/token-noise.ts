import { below, randomAt, uniform } from '../random/random.ts';

/**
 * The tokens [B, T] of one step with each replaced, with this probability, by one drawn evenly from the whole
 * vocabulary (nshepperd's `noise`). A pure function of seed, step and row: how many rows there are does not change any
 * of them. Labels are not its business.
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
    for (let place = row * context; place < (row + 1) * context; place++) {
      if (uniform(random) < probability) noisy[place] = below(random, vocabularySize);
    }
  }
  return noisy;
}
