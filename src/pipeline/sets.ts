import type { Diagnostic } from './diagnostic.ts';
import { unknownStep } from './dotted-path.ts';
import { parseTree, withValue } from './yaml-tree.ts';
import type { Tree } from './yaml-tree.ts';

/** Puts the values of `--set path=value` arguments into the tree; the value is YAML. */
export function applySets(tree: Tree, sets: string[], texts: Map<string, string>, diagnostics: Diagnostic[]): Tree {
  let result = tree;
  for (const set of sets) {
    const file = `--set ${set}`;
    const at = (message: string, hint?: string) => diagnostics.push({ file, line: 1, column: 1, length: set.length, message, hint });
    texts.set(file, set);
    const equals = set.indexOf('=');
    if (equals < 1) {
      at('no "=" in it', '--set stages.model.params.steps=500');
      continue;
    }
    const parsed = parseTree(file, set.slice(equals + 1));
    if (parsed.diagnostics.length) {
      at(`the value is not YAML: ${parsed.diagnostics[0]?.message ?? ''}`);
      continue;
    }
    const path = set.slice(0, equals).split('.');
    const missing = unknownStep(result.value, path);
    if (missing) {
      at(missing.message, missing.hint);
      continue;
    }
    const places = new Map([['', { file, key: { line: 1, column: 1, length: equals }, value: { line: 1, column: equals + 2, length: Math.max(1, set.length - equals - 1) } }]]);
    const next = withValue(result, path, { value: parsed.tree.value, places });
    if (next) result = next;
    else at(`"${path.join('.')}" leads through a plain value`);
  }
  return result;
}
