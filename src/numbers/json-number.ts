/**
 * JSON has no NaN and no infinities, and a loss can be any of them: in our files, and for MLflow, they are the strings
 * "NaN", "Infinity" and "-Infinity".
 */
export type JsonNumber = number | 'NaN' | 'Infinity' | '-Infinity';

export function toJsonNumber(value: number): JsonNumber {
  return Number.isFinite(value) ? value : (String(value) as JsonNumber);
}

/** The number that such a string stands for; any other value as it is. */
export function fromJsonNumber(value: unknown): unknown {
  return typeof value === 'string' ? (NON_FINITE.get(value) ?? value) : value;
}

/** For `JSON.stringify`: writes every number in a value this way. */
export const jsonNumbers = (_key: string, value: unknown): unknown =>
  typeof value === 'number' ? toJsonNumber(value) : value;

// ---------------------------------------------------------------------------

const NON_FINITE = new Map([NaN, Infinity, -Infinity].map((value) => [String(value), value]));
