import type { Engine, Variable } from '../../src/engine/engine.ts';
import assert from 'node:assert/strict';

/** Makes a variable of each array, with the same names. */
export function variablesIn(
  engine: Engine,
  shapes: Record<string, number[]>,
  values: Record<string, ArrayLike<number>>,
): Record<string, Variable> {
  return Object.fromEntries(
    Object.entries(shapes).map(([name, shape]) => [
      name,
      engine.variable(name, shape, Float32Array.from(values[name]!)),
    ]),
  );
}

export function prefixed<T>(prefix: string, values: Record<string, T>): Record<string, T> {
  return Object.fromEntries(Object.entries(values).map(([name, value]) => [`${prefix}/${name}`, value]));
}

export function largest(values: ArrayLike<number>): number {
  return Array.from(values).reduce((most, value) => Math.max(most, Math.abs(value)), 0);
}

/** Asserts that no difference, relative to the largest expected value, exceeds the tolerance. */
export function assertClose(
  found: ArrayLike<number>,
  expected: ArrayLike<number>,
  tolerance: number,
  what: string,
): void {
  assert.equal(found.length, expected.length, `${what}: length`);
  const difference = Array.from(found, (value, i) => Math.abs(value - expected[i]!)).reduce(
    (most, value) => (value > most || Number.isNaN(value) ? value : most),
    0,
  );
  const scale = Math.max(largest(expected), 1e-12);
  assert.ok(difference <= tolerance * scale, `${what}: off by ${difference / scale} of its largest value`);
}
