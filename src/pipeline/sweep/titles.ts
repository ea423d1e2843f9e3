import { createHash } from 'node:crypto';
import type { Json } from '../yaml/tree.ts';

/** Longer values are cut: a title is a legend. */
const LONGEST_VALUE = 40;

/** What a point is called: its values under their shortest names, `peak=0.0003 steps=600`. */
export function titlesOf(paths: string[]): (values: Record<string, Json>) => string {
  const names = shortNames(paths);
  return (values) =>
    Object.entries(values)
      .map(([path, value]) => `${names.get(path)}=${shown(value)}`)
      .join(' ');
}

/** The shortest endings of the paths that still tell them apart. */
export function shortNames(paths: string[]): Map<string, string> {
  const endings = new Map<string, number>();
  for (const path of paths) for (const ending of endingsOf(path)) endings.set(ending, (endings.get(ending) ?? 0) + 1);
  return new Map(paths.map((path) => [path, endingsOf(path).find((ending) => endings.get(ending) === 1) ?? path]));
}

// ---------------------------------------------------------------------------

/** `c`, `b.c`, `a.b.c` of `a.b.c`. */
function endingsOf(path: string): string[] {
  const steps = path.split('.');
  return steps.map((_, place) => steps.slice(steps.length - 1 - place).join('.'));
}

function shown(value: Json): string {
  const text = typeof value === 'string' || typeof value === 'number' ? String(value) : JSON.stringify(value);
  const line = text.replace(/\s+/g, ' ');
  if (line.length <= LONGEST_VALUE) return line;
  return `${line.slice(0, LONGEST_VALUE - 9)}…${createHash('sha256').update(text).digest('hex').slice(0, 8)}`;
}
