import type { Diagnostic } from './diagnostic/diagnostic.ts';
import { diagnose } from './schema/diagnose.ts';
import { parseTree } from './yaml/parse-tree.ts';
import { isObject, noPlaces, placeOf } from './yaml/tree.ts';
import type { Json, Path, Places, Tree } from './yaml/tree.ts';

/** The text of a used file and the name to show for it; what is wrong with it; or null if there is none. */
export type ReadUsed = (path: string) => { file: string; text: string } | { trouble: string } | null;

/** Each mapping with a `use:` gets the keys of that file under its own; keys beside it win, also deep inside. */
export function pullInUsed(
  tree: Tree,
  readUsed: ReadUsed,
  texts: Map<string, string>,
  diagnostics: Diagnostic[],
): Tree {
  const known = new Map<string, Tree | string>();
  const usedTree = (name: string): Tree | string => {
    const read = known.get(name) ?? readTree(name, readUsed, texts, diagnostics);
    known.set(name, read);
    return read;
  };
  const pull = (at: Tree, path: Path): Tree => {
    const { value } = at;
    if (typeof value !== 'object' || value === null) return at;
    const inner = Object.entries(value).map(
      ([step, each]) =>
        [step, pull({ value: each, places: at.places.below.get(step) ?? noPlaces() }, [...path, step])] as const,
    );
    const own = treeOf(value, at.places, inner);
    if (!isObject(value) || !Object.hasOwn(value, 'use')) return own;
    const used = typeof value['use'] === 'string' ? usedTree(value['use']) : '`use` takes the path of one file';
    if (typeof used !== 'string') return mergeOver(withoutUse(own), used, at.places);
    if (used)
      diagnostics.push(diagnose(tree, { path: [...path, 'use'], of: 'value', message: used, hint: hintFor(used) }));
    return own;
  };
  return pull(tree, []);
}

// ---------------------------------------------------------------------------

/** A used file's tree; or, as text, why there is none; '' if its own diagnostics say it. */
function readTree(
  name: string,
  readUsed: ReadUsed,
  texts: Map<string, string>,
  diagnostics: Diagnostic[],
): Tree | string {
  const used = readUsed(name);
  if (!used) return `no file "${name}"`;
  if ('trouble' in used) return `"${name}" ${used.trouble}`;
  texts.set(used.file, used.text);
  const { tree, diagnostics: wrong } = parseTree(used.file, used.text);
  diagnostics.push(...wrong);
  if (wrong.length) return '';
  if (!isObject(tree.value)) return `"${name}" holds no mapping`;
  const inner = useIn(tree.value, []);
  if (!inner) return tree;
  const { line = 1 } = placeOf(tree, inner)?.key ?? {};
  return `"${name}" uses another file itself, in line ${line}`;
}

function hintFor(message: string): string | undefined {
  if (message.includes('uses another')) return 'a used file may not `use` another: one level is enough to read';
  return message.includes('holds no mapping')
    ? undefined
    : 'a path is relative to the checkout, or to this file if it begins with ./';
}

function useIn(value: Json, path: Path): Path | null {
  if (typeof value !== 'object' || value === null) return null;
  if (isObject(value) && Object.hasOwn(value, 'use')) return [...path, 'use'];
  for (const [step, inner] of Object.entries(value)) {
    const found = useIn(inner, [...path, step]);
    if (found) return found;
  }
  return null;
}

function treeOf(value: object, places: Places, inner: (readonly [string, Tree])[]): Tree {
  const below = new Map(inner.map(([step, tree]) => [step, tree.places]));
  const whole = Array.isArray(value)
    ? inner.map(([, tree]) => tree.value)
    : Object.fromEntries(inner.map(([step, tree]) => [step, tree.value]));
  return { value: whole, places: { place: places.place, below } };
}

function withoutUse({ value, places }: Tree): Tree {
  const { use: _, ...rest } = value as { [key: string]: Json };
  const below = new Map(places.below);
  below.delete('use');
  return { value: rest, places: { place: places.place, below } };
}

/**
 * `own` over `used`: mappings are merged key by key, anything else of `own` wins whole. The place is where `own` was
 * written.
 */
function mergeOver(own: Tree, used: Tree, { place }: Places): Tree {
  const value = { ...(used.value as { [key: string]: Json }) };
  const below = new Map(used.places.below);
  for (const [key, ownValue] of Object.entries(own.value as { [key: string]: Json })) {
    const ownTree = { value: ownValue, places: own.places.below.get(key) ?? noPlaces() };
    const usedValue = Object.hasOwn(value, key) ? value[key] : undefined;
    const both = isObject(ownValue) && isObject(usedValue) && Object.keys(ownValue).length > 0;
    const merged = both
      ? mergeOver(ownTree, { value: usedValue, places: below.get(key) ?? noPlaces() }, ownTree.places)
      : ownTree;
    Object.defineProperty(value, key, { value: merged.value, enumerable: true, writable: true, configurable: true });
    below.set(key, merged.places);
  }
  return { value, places: { place, below } };
}
