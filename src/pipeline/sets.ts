import type { Diagnostic } from './diagnostic/diagnostic.ts';
import { unknownStep } from './dotted-path.ts';
import { parseTree } from './yaml/parse-tree.ts';
import { fillLocations, withValue } from './yaml/tree.ts';
import type { Locations, Span, Tree } from './yaml/tree.ts';

/** Sets the values of `--set path=value` arguments in the tree; the value is YAML. */
export function applySets(tree: Tree, sets: string[], texts: Map<string, string>, diagnostics: Diagnostic[]): Tree {
  let result = tree;
  for (const set of sets) {
    const file = `--set ${set}`;
    texts.set(file, set);
    const report = (span: Span, message: string, hint?: string): void =>
      void diagnostics.push({ file, ...span, message, ...(hint ? { hint } : {}) });
    result = withSet(result, set, file, report) ?? result;
  }
  return result;
}

// ---------------------------------------------------------------------------

function withSet(
  tree: Tree,
  set: string,
  file: string,
  report: (span: Span, message: string, hint?: string) => void,
): Tree | null {
  const equals = set.indexOf('=');
  if (equals < 1) {
    report(
      { line: 1, column: 1, length: Math.max(1, set.length) },
      equals < 0 ? 'missing "="' : 'no path before the "="',
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
  const parsed = parseTree(file, withoutComment(set.slice(equals + 1)));
  for (const diagnostic of parsed.diagnostics)
    report(
      { ...diagnostic, column: diagnostic.column + (diagnostic.line === 1 ? equals + 1 : 0) },
      `the value is not YAML: ${diagnostic.message}`,
      diagnostic.hint ?? 'a value with spaces, colons or brackets may need its own quotes: \'path="a: b"\'',
    );
  const unknown = unknownStep(tree.value, path);
  if (unknown) report(stepSpan(unknown.step), unknown.message, unknown.hint);
  if (unknown || parsed.diagnostics.length) return null;
  const valueSpan = { line: 1, column: equals + 2, length: Math.max(1, set.length - equals - 1) };
  const locationOfStep = (index: number) => ({
    file,
    key: stepSpan(index),
    value: index === path.length - 1 ? valueSpan : stepSpan(index),
  });
  const next = withValue(tree, path, {
    value: parsed.tree.value,
    locations: { location: locationOfStep(path.length - 1), below: shifted(parsed.tree.locations, equals + 1).below },
  });
  if (next) fillLocations(next, path, locationOfStep);
  else
    report(
      { line: 1, column: 1, length: equals },
      `"${path.join('.')}" goes through a plain value, or past the end of a list`,
    );
  return next;
}

/**
 * An argument has no comments: what YAML would take for one belongs to the value, as in `source=./My Chats #1`. Quoted
 * texts, lists and mappings are left as they are.
 */
function withoutComment(value: string): string {
  return /^\s*[^\s"'[{|>&*!]/.test(value) && /(^|\s)#/.test(value) ? JSON.stringify(value.trim()) : value;
}

/** Converts columns counted from the start of the value to columns of the whole argument, `path=value`. */
function shifted({ location, below }: Locations, by: number): Locations {
  const moved = (span: Span): Span => (span.line === 1 ? { ...span, column: span.column + by } : span);
  return {
    location: location && { file: location.file, key: moved(location.key), value: moved(location.value) },
    below: new Map([...below].map(([step, inner]) => [step, shifted(inner, by)])),
  };
}
