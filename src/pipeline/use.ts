import type { Diagnostic } from './diagnostic/diagnostic.ts';
import { diagnose } from './schema/diagnose.ts';
import { parseTree } from './yaml/parse-tree.ts';
import { isObject, noLocations, locationOf } from './yaml/tree.ts';
import type { Json, Path, Locations, Tree } from './yaml/tree.ts';

/**
 * The text of a used file and the name to show for it; what is wrong with it; or
 * where it was looked for and what to write instead, if there is no such file.
 */
export type ReadUsed = (
  path: string,
) => { file: string; text: string } | { trouble: string } | { missing: string } | null;

/** Replaces each `use:` by the keys of that file. Keys beside the `use:` win, also inside nested mappings. */
export type PullInUsed = (tree: Tree) => Tree;

/** Each file is read, and its faults are reported, once. */
export function pullsInUsed(readUsed: ReadUsed, texts: Map<string, string>, diagnostics: Diagnostic[]): PullInUsed {
  const known = new Map<string, UsedFile>();
  const reported = new Set<string>();
  const usedFile = (name: string): UsedFile => {
    const used = known.get(name) ?? readUsedFile(name, readUsed, texts, diagnostics);
    known.set(name, used);
    return used;
  };
  return function pull(current: Tree): Tree {
    const { value, locations } = current;
    if (typeof value !== 'object' || value === null) return current;
    const children = Object.entries(value).map(
      ([step, child]) => [step, pull({ value: child, locations: locations.below.get(step) ?? noLocations() })] as const,
    );
    const own = treeOf(value, locations, children);
    if (!isObject(value) || !Object.hasOwn(value, 'use')) return own;
    const used: UsedFile =
      typeof value['use'] === 'string' ? usedFile(value['use']) : { message: '`use` takes the path of one file' };
    if ('tree' in used) return used.tree ? mergeOver(withoutUse(own), used.tree, locations) : own;
    const diagnostic = diagnose(current, { path: ['use'], target: 'value', ...used });
    const { file, line, column, message } = diagnostic;
    const id = `${file}:${line}:${column}:${message}`;
    if (!reported.has(id)) diagnostics.push(diagnostic);
    reported.add(id);
    return own;
  };
}

// ---------------------------------------------------------------------------

/** A used file's tree, null if the file has syntax errors, which are reported already; or why it cannot be used. */
type UsedFile = { tree: Tree | null } | { message: string; hint?: string };

export const PATH_HINT =
  'a path is relative to the project, to this file if it starts with ./, or to your home folder if it starts with ~/';

function readUsedFile(
  name: string,
  readUsed: ReadUsed,
  texts: Map<string, string>,
  diagnostics: Diagnostic[],
): UsedFile {
  const used = readUsed(name);
  if (!used) return { message: `no file "${name}"`, hint: PATH_HINT };
  if ('missing' in used) return { message: `no file "${name}"`, hint: used.missing };
  if ('trouble' in used) return { message: `"${name}" ${used.trouble}`, hint: PATH_HINT };
  texts.set(used.file, used.text);
  const { tree, diagnostics: errors } = parseTree(used.file, used.text);
  diagnostics.push(...errors);
  if (errors.length) return { tree: null };
  if (!isObject(tree.value)) return { message: `"${name}" contains no mapping` };
  const inner = useIn(tree.value, []);
  if (!inner) return { tree };
  const { line = 1 } = locationOf(tree, inner)?.key ?? {};
  return { message: `"${name}" uses another file itself, in line ${line}`, hint: 'a used file cannot `use` another' };
}

/** The path of a `use:` in a value, or null. */
function useIn(value: Json, path: Path): Path | null {
  if (typeof value !== 'object' || value === null) return null;
  if (isObject(value) && Object.hasOwn(value, 'use')) return [...path, 'use'];
  for (const [step, inner] of Object.entries(value)) {
    const found = useIn(inner, [...path, step]);
    if (found) return found;
  }
  return null;
}

/** A value like the given one, with these children. */
function treeOf(value: object, locations: Locations, children: (readonly [string, Tree])[]): Tree {
  const below = new Map(children.map(([step, tree]) => [step, tree.locations]));
  const copy = Array.isArray(value)
    ? children.map(([, tree]) => tree.value)
    : Object.fromEntries(children.map(([step, tree]) => [step, tree.value]));
  return { value: copy, locations: { location: locations.location, below } };
}

function withoutUse({ value, locations }: Tree): Tree {
  const { use: _, ...rest } = value as { [key: string]: Json };
  const below = new Map(locations.below);
  below.delete('use');
  return { value: rest, locations: { location: locations.location, below } };
}

/** Merges mappings key by key; any other value of `own` wins. The result is located where `own` was written. */
function mergeOver(own: Tree, used: Tree, { location }: Locations): Tree {
  const value = { ...(used.value as { [key: string]: Json }) };
  const below = new Map(used.locations.below);
  for (const [key, ownValue] of Object.entries(own.value as { [key: string]: Json })) {
    const ownTree = { value: ownValue, locations: own.locations.below.get(key) ?? noLocations() };
    const usedValue = Object.hasOwn(value, key) ? value[key] : undefined;
    const both = isObject(ownValue) && isObject(usedValue) && Object.keys(ownValue).length > 0;
    const merged = both
      ? mergeOver(ownTree, { value: usedValue, locations: below.get(key) ?? noLocations() }, ownTree.locations)
      : ownTree;
    Object.defineProperty(value, key, { value: merged.value, enumerable: true, writable: true, configurable: true });
    below.set(key, merged.locations);
  }
  return { value, locations: { location, below } };
}
