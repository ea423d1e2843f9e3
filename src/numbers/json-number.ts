/**
 * JSON has no NaN and no infinities, but a loss can be any of them. In our files and for MLflow they are written as the
 * strings "NaN", "Infinity" and "-Infinity".
 */
export type JsonNumber = number | 'NaN' | 'Infinity' | '-Infinity';

export function toJsonNumber(value: number): JsonNumber {
  return Number.isFinite(value) ? value : (String(value) as JsonNumber);
}

/** Turns such a string back into a number; returns any other value unchanged. */
export function fromJsonNumber(value: unknown): unknown {
  return typeof value === 'string' ? (NON_FINITE.get(value) ?? value) : value;
}

/** A replacer for `JSON.stringify` that applies `toJsonNumber` to every number. */
export const jsonNumbers = (_key: string, value: unknown): unknown =>
  typeof value === 'number' ? toJsonNumber(value) : value;

// ---------------------------------------------------------------------------

const NON_FINITE = new Map([NaN, Infinity, -Infinity].map((value) => [String(value), value]));
