import type { Diagnostic } from './diagnostic/diagnostic.ts';
import { unknownStep } from './dotted-path.ts';
import { parseTree } from './yaml/parse-tree.ts';
import { fillPlaces, withValue } from './yaml/tree.ts';
import type { Places, Span, Tree } from './yaml/tree.ts';

/** Puts the values of `--set path=value` arguments into the tree; the value is YAML. */
export function applySets(tree: Tree, sets: string[], texts: Map<string, string>, diagnostics: Diagnostic[]): Tree {
  let result = tree;
  for (const set of sets) {
    const file = `--set ${set}`;
    texts.set(file, set);
    const complain = (span: Span, message: string, hint?: string): void =>
      void diagnostics.push({ file, ...span, message, ...(hint ? { hint } : {}) });
    result = withSet(result, set, file, complain) ?? result;
  }
  return result;
}

// ---------------------------------------------------------------------------

function withSet(
  tree: Tree,
  set: string,
  file: string,
  complain: (span: Span, message: string, hint?: string) => void,
): Tree | null {
  const equals = set.indexOf('=');
  if (equals < 1) {
    complain(
      { line: 1, column: 1, length: Math.max(1, set.length) },
      equals < 0 ? 'no "=" in it' : 'no path before the "="',
      '--set stages.model.params.steps=500',
    );
    return null;
  }
  const path = set.slice(0, equals).split('.');
  const stepSpan = (index: number): Span => ({
    line: 1,
    column: 1 + path.slice(0, index).join('.').length + (index > 0 ? 1 : 0),
    length: Math.max(1, path[index]?.length ?? 1),
  });
  const parsed = parseTree(file, set.slice(equals + 1));
  for (const wrong of parsed.diagnostics)
    complain(
      { ...wrong, column: wrong.column + (wrong.line === 1 ? equals + 1 : 0) },
      `the value is not YAML: ${wrong.message}`,
      wrong.hint ?? 'a value with spaces, colons or brackets may need quotes of its own: \'path="a: b"\'',
    );
  const unknown = unknownStep(tree.value, path);
  if (unknown) complain(stepSpan(unknown.at), unknown.message, unknown.hint);
  if (unknown || parsed.diagnostics.length) return null;
  const value = { line: 1, column: equals + 2, length: Math.max(1, set.length - equals - 1) };
  const place = (index: number) => ({
    file,
    key: stepSpan(index),
    value: index === path.length - 1 ? value : stepSpan(index),
  });
  const next = withValue(tree, path, {
    value: parsed.tree.value,
    places: { place: place(path.length - 1), below: shifted(parsed.tree.places, equals + 1).below },
  });
  if (next) fillPlaces(next, path, place);
  else
    complain(
      { line: 1, column: 1, length: equals },
      `"${path.join('.')}" leads through a plain value, or past the end of a list`,
    );
  return next;
}

/** The value was read by itself, but stands behind its path. */
function shifted({ place, below }: Places, by: number): Places {
  const moved = (span: Span): Span => (span.line === 1 ? { ...span, column: span.column + by } : span);
  return {
    place: place && { file: place.file, key: moved(place.key), value: moved(place.value) },
    below: new Map([...below].map(([step, inner]) => [step, shifted(inner, by)])),
  };
}
