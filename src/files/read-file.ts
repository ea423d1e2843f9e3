import { readFileSync } from 'node:fs';

/** The UTF-8 text of a file, or null if it cannot be read. */
export function readText(path: string): string | null {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return null;
  }
}

/** The JSON in a file, or null if the file is missing or not valid JSON; the store treats both as a miss. */
export function readJson<T>(path: string): T | null {
  try {
    return JSON.parse(readFileSync(path, 'utf8')) as T;
  } catch {
    return null;
  }
}

/** The JSON object in a file of the user's. Throws an Error that names the file, without quoting it. */
export function readJsonObject(path: string): Record<string, unknown> {
  const text = readFileSync(path, 'utf8');
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    throw new Error(`${path} is not valid JSON: it is damaged or incomplete; download or export it again`);
  }
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value as Record<string, unknown>;
  throw new Error(`${path} does not contain a JSON object`);
}
