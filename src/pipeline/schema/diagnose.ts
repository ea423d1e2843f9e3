import type { Diagnostic } from '../diagnostic/diagnostic.ts';
import type { Finding } from './check.ts';
import { placeOf } from '../yaml/tree.ts';
import type { Tree } from '../yaml/tree.ts';

/** A finding at its place in the file, its hint not yet looked for: with ten thousand errors, most are never shown. */
export type Located = Omit<Diagnostic, 'hint'> & { hint?: Finding['hint'] };

/** Gives a finding its place in the file. */
export function locate(tree: Tree, { path, of, part, message, hint }: Finding): Located {
  const place = placeOf(tree, path);
  const span = place?.[of] ?? { line: 1, column: 1, length: 1 };
  const within = part
    ? { ...span, column: span.column + part.from + (span.length > part.keyLength ? 1 : 0), length: part.length }
    : span;
  return { file: place?.file ?? '', ...within, message, ...(hint ? { hint } : {}) };
}

export function diagnose(tree: Tree, finding: Finding): Diagnostic {
  return told(locate(tree, finding));
}

/** With its hint in words. */
export function told({ hint, ...rest }: Located): Diagnostic {
  const text = typeof hint === 'function' ? hint() : hint;
  return text ? { ...rest, hint: text } : rest;
}
