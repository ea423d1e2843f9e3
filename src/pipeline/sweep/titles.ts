import { createHash } from 'node:crypto';
import { isObject } from '../yaml/tree.ts';
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

/**
 * The file that a swept value is taken from: `path` ends with `.use`, or the value has nothing but a `use:`. Null for
 * any other value.
 */
export function usedFile(path: string, written: Json | undefined): string | null {
  const file = isObject(written) && Object.keys(written).length === 1 ? written['use'] : written;
  return typeof file === 'string' && (file !== written || path.endsWith('.use')) ? file : null;
}

/** `configs/model/gpt2-mini.yaml` → `gpt2-mini`; files of the same name keep their folders. */
export function namesOfFiles(files: string[]): Map<string, string> {
  const distinct = [...new Set(files)];
  const nameOf = (file: string): string => file.replace(/^.*\//, '').replace(/\.ya?ml$/, '');
  const names = distinct.map(nameOf);
  return new Map(
    distinct.map((file, index) => {
      const name = names[index]!;
      return [file, name !== '' && names.indexOf(name) === names.lastIndexOf(name) ? name : file];
    }),
  );
}

/** The shortest suffixes of the paths that are unique; without `.use`, because what is swept is the mapping. */
export function shortNames(paths: string[]): Map<string, string> {
  const counts = new Map<string, number>();
  for (const path of paths) for (const suffix of suffixesOf(path)) counts.set(suffix, (counts.get(suffix) ?? 0) + 1);
  return new Map(paths.map((path) => [path, suffixesOf(path).find((suffix) => counts.get(suffix) === 1) ?? path]));
}

// ---------------------------------------------------------------------------

/** `c`, `b.c`, `a.b.c` of `a.b.c`. */
function suffixesOf(path: string): string[] {
  const steps = path.replace(/\.use$/, '').split('.');
  return steps.map((_, index) => steps.slice(steps.length - 1 - index).join('.'));
}

function valueText(value: Json): string {
  const text = typeof value === 'string' || typeof value === 'number' ? String(value) : JSON.stringify(value);
  const line = text.replace(/\s+/g, ' ');
  if (line.length <= MAX_VALUE_LENGTH) return line;
  return `${line.slice(0, MAX_VALUE_LENGTH - 9)}…${createHash('sha256').update(text).digest('hex').slice(0, 8)}`;
}
