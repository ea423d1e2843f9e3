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
