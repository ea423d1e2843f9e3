import type { Diagnostic } from '../diagnostic/diagnostic.ts';
import type { Problem } from './check.ts';
import { locationOf } from '../yaml/tree.ts';
import type { Tree } from '../yaml/tree.ts';

/** A problem with its location in the file. Its hint may still be a function, see `Problem`. */
export type LocatedProblem = Omit<Diagnostic, 'hint'> & { hint?: Problem['hint'] };

export function locate(tree: Tree, { path, target, part, message, hint }: Problem): LocatedProblem {
  const location = locationOf(tree, path);
  const span = location?.[target] ?? { line: 1, column: 1, length: 1 };
  const quote = part && span.length > part.keyLength ? 1 : 0;
  const narrowed = part ? { ...span, column: span.column + quote + part.from, length: part.length } : span;
  return { file: location?.file ?? '', ...narrowed, message, ...(hint ? { hint } : {}) };
}

export function diagnose(tree: Tree, problem: Problem): Diagnostic {
  return resolveHint(locate(tree, problem));
}

export function resolveHint({ hint, ...rest }: LocatedProblem): Diagnostic {
  const text = typeof hint === 'function' ? hint() : hint;
  return text ? { ...rest, hint: text } : rest;
}
