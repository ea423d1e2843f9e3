import type { Batches } from '../../src/lm/data/batches.ts';
import { noisyTokens } from '../../src/lm/data/token-noise.ts';
import { randomAt } from '../../src/lm/random/random.ts';
import type { Params } from './params/params.ts';

/** Input arrays of the update that follows `step` finished updates: noisy tokens, labels, and seeds for dropout. */
export function stepBatch(params: Params, batches: Batches, step: number): Record<string, Int32Array | Float32Array> {
  const { model, tokenNoise, seed } = params;
  const batch = batches.batchAt(step);
  const tokens = noisyTokens(batch.tokens, { probability: tokenNoise, ...model, seed, step });
  return { ...batch, tokens, ...dropoutSeeds(params, step) };
}

/** Seeds for a step's dropout masks, two words for each of its batches; empty without dropout. */
export function dropoutSeeds(
  { dropout, seed, accumulate }: { dropout: number; seed: number; accumulate: number },
  step: number,
): { dropoutSeed?: Int32Array } {
  if (dropout === 0) return {};
  const random = randomAt(seed, step, 'dropout');
  return { dropoutSeed: Int32Array.from({ length: 2 * accumulate }, () => random() | 0) };
}
