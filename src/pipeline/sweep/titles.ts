import { createHash } from 'node:crypto';
import type { Json } from '../yaml/tree.ts';

/** Longer values are cut, because titles are used as legends. */
const MAX_VALUE_LENGTH = 40;

/** The title of a point: its values with their shortest names, `peak=0.0003 steps=600`. */
export function titlesOf(paths: string[]): (values: Record<string, Json>) => string {
  const names = shortNames(paths);
  return (values) =>
    Object.entries(values)
      .map(([path, value]) => `${names.get(path)}=${valueText(value)}`)
      .join(' ');
}

/** The shortest suffixes of the paths that are unique. */
export function shortNames(paths: string[]): Map<string, string> {
  const counts = new Map<string, number>();
  for (const path of paths) for (const suffix of suffixesOf(path)) counts.set(suffix, (counts.get(suffix) ?? 0) + 1);
  return new Map(paths.map((path) => [path, suffixesOf(path).find((suffix) => counts.get(suffix) === 1) ?? path]));
}

// ---------------------------------------------------------------------------

/** `c`, `b.c`, `a.b.c` of `a.b.c`. */
function suffixesOf(path: string): string[] {
  const steps = path.split('.');
  return steps.map((_, index) => steps.slice(steps.length - 1 - index).join('.'));
}

function valueText(value: Json): string {
  const text = typeof value === 'string' || typeof value === 'number' ? String(value) : JSON.stringify(value);
  const line = text.replace(/\s+/g, ' ');
  if (line.length <= MAX_VALUE_LENGTH) return line;
  return `${line.slice(0, MAX_VALUE_LENGTH - 9)}…${createHash('sha256').update(text).digest('hex').slice(0, 8)}`;
}
