export type Json = Record<string, unknown>;

/** The value if it is an object; otherwise an empty one, so that a missing key and a damaged one are the same. */
export function asObject(value: unknown): Json {
  return isObject(value) ? value : {};
}

export function isObject(value: unknown): value is Json {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

export function asList(value: unknown): unknown[] {
  return Array.isArray(value) ? (value as unknown[]) : [];
}

/** A text, or a number as text, such as an id; otherwise ''. */
export function asText(value: unknown): string {
  return typeof value === 'string' ? value : typeof value === 'number' ? String(value) : '';
}

/** The first text that is not blank; otherwise ''. */
export function firstText(...values: unknown[]): string {
  return values.map(asText).find((text) => text.trim() !== '') ?? '';
}
