import assert from 'node:assert/strict';
import { randomAt, uniform } from '../../src/lm/random/random.ts';

/** Compares a number with a printed one to all digits of the latter. */
export function assertDigits(actual: number, printed: string, what = ''): void {
  const [, decimals = '', exponent = '0'] = /^[^.]*\.?(\d*)(?:e(.*))?$/.exec(printed)!;
  const half = 0.5000001 * 10 ** (Number(exponent) - decimals.length);
  assert.ok(Math.abs(actual - Number(printed)) <= half, `${what} ${actual}, not ${printed}`);
}

/** Seeded numbers between 0 and 1. */
export function seeded(seed: number): () => number {
  const random = randomAt(seed, 0, 'sampling');
  return () => uniform(random);
}
