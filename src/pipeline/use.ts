import type { Diagnostic } from './diagnostic.ts';
import { diagnose } from './diagnose.ts';
import { isObject, parseTree, pathText, placeOf, valueAt, withValue } from './yaml-tree.ts';
import type { Json, Path, Tree } from './yaml-tree.ts';

/** The text of a used file and the name to show for it, or null if there is none. */
export type ReadUsed = (path: string) => { file: string; text: string } | null;

/** Each mapping with a `use:` gets the keys of that file under its own. */
export function pullInUsed(tree: Tree, readUsed: ReadUsed, texts: Map<string, string>, diagnostics: Diagnostic[]): Tree {
  let result = tree;
  for (const path of usesIn(tree.value, [])) {
    const name = valueAt(tree.value, [...path, 'use']);
    const complain = (message: string, hint?: string) => diagnostics.push(diagnose(tree, { path: [...path, 'use'], of: 'value', message, hint }));
    const used = typeof name === 'string' ? readUsed(name) : null;
    if (!used) {
      complain(typeof name === 'string' ? `no file "${name}"` : '`use` takes the path of one file', 'a path is relative to the checkout, or to this file if it begins with ./');
      continue;
    }
    texts.set(used.file, used.text);
    const inner = parseTree(used.file, used.text);
    diagnostics.push(...inner.diagnostics);
    if (inner.diagnostics.length) continue;
    if (!isObject(inner.tree.value)) {
      complain(`"${name}" holds no mapping`);
      continue;
    }
    if (usesIn(inner.tree.value, []).length) {
      complain(`"${name}" uses another file itself`, 'a used file may not `use` another: one level is enough to read');
      continue;
    }
    result = mergeUnder(result, path, inner.tree);
  }
  return result;
}

function usesIn(value: Json, path: Path): Path[] {
  if (Array.isArray(value)) return value.flatMap((item, index) => usesIn(item, [...path, index]));
  if (!isObject(value)) return [];
  const below = Object.entries(value).flatMap(([key, inner]) => usesIn(inner, [...path, key]));
  return Object.hasOwn(value, 'use') ? [path, ...below] : below;
}

/** Keys beside `use:` win, also deep inside: they are put one by one onto the used mapping. */
function mergeUnder(tree: Tree, path: Path, used: Tree): Tree {
  const own = valueAt(tree.value, path) as { [key: string]: Json };
  let merged = used;
  for (const leaf of leaves(own, [])) {
    if (pathText(leaf) === 'use') continue;
    merged = withValue(merged, leaf, subtreeAt(tree, [...path, ...leaf])) ?? merged;
  }
  const place = placeOf(tree, path);
  const result = withValue(tree, path, { value: merged.value, places: merged.places });
  if (place) result?.places.set(pathText(path), place);
  return result ?? tree;
}

function leaves(value: Json, path: Path): Path[] {
  if (!isObject(value) || Object.keys(value).length === 0) return path.length ? [path] : [];
  return Object.entries(value).flatMap(([key, inner]) => leaves(inner, [...path, key]));
}

function subtreeAt(tree: Tree, path: Path): Tree {
  const prefix = pathText(path);
  const places = new Map([...tree.places].flatMap(([known, place]) => (known === prefix ? [['', place] as const] : known.startsWith(`${prefix}.`) ? [[known.slice(prefix.length + 1), place] as const] : [])));
  return { value: valueAt(tree.value, path) ?? null, places };
}
