import { LineCounter, isAlias, isMap, isScalar, isSeq, parseDocument } from 'yaml';
import type { Document, Node } from 'yaml';
import type { Diagnostic } from './diagnostic.ts';

export type Json = null | boolean | number | string | Json[] | { [key: string]: Json };
export type Path = (string | number)[];

/** Where a value stands: of its key, if it has one, and of the value itself. */
export interface Place {
  file: string;
  key: Span;
  value: Span;
}

interface Span {
  line: number;
  column: number;
  length: number;
}

/** A plain value and, for every path in it, the place where it was written. */
export interface Tree {
  value: Json;
  places: Map<string, Place>;
}

/** Far more values than anybody writes by hand; stops the expansion of nested aliases. */
const LARGEST_TREE = 100_000;

/** Text to tree, or to every syntax error in it. Never throws for what stands in the text. */
export function parseTree(file: string, text: string): { tree: Tree; diagnostics: Diagnostic[] } {
  const lines = new LineCounter();
  const document = parseDocument(text.replace(/^\uFEFF/, ''), { lineCounter: lines, prettyErrors: false, uniqueKeys: true });
  const diagnostics = document.errors.map((error): Diagnostic => {
    const { line, col } = lines.linePos(error.pos[0]);
    return { file, line, column: col, length: Math.max(1, error.pos[1] - error.pos[0]), message: error.message };
  });
  const tree: Tree = { value: null, places: new Map() };
  if (diagnostics.length === 0) {
    try {
      tree.value = walk(document, document.contents, [], { file, lines, places: tree.places, left: LARGEST_TREE });
    } catch (error) {
      if (!(error instanceof TreeTooLarge)) throw error;
      diagnostics.push({ file, line: 1, column: 1, length: 1, message: `more than ${LARGEST_TREE} values once aliases are expanded`, hint: 'write the values out instead of nesting aliases' });
    }
  }
  return { tree, diagnostics };
}

export const pathText = (path: Path): string => path.join('.');

/** The place of a path, or of its nearest parent that was written down. */
export function placeOf(tree: Tree, path: Path): Place | null {
  for (let length = path.length; length >= 0; length--) {
    const place = tree.places.get(pathText(path.slice(0, length)));
    if (place) return place;
  }
  return null;
}

export const isObject = (value: Json | undefined): value is { [key: string]: Json } =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** The value at a path, or undefined. */
export function valueAt(value: Json, path: Path): Json | undefined {
  let at: Json | undefined = value;
  for (const step of path) {
    if (Array.isArray(at)) at = at[Number(step)];
    else if (isObject(at)) at = Object.hasOwn(at, step) ? at[step] : undefined;
    else return undefined;
  }
  return at;
}

/** A tree with `subtree` put at `path`; objects on the way are made. Null if the way leads through a plain value. */
export function withValue(tree: Tree, path: Path, subtree: Tree): Tree | null {
  const value = structuredClone(tree.value);
  let at: Json = value;
  for (const [index, step] of path.entries()) {
    const last = index === path.length - 1;
    if (Array.isArray(at)) {
      if (!/^\d+$/.test(String(step)) || Number(step) >= at.length) return null;
      if (last) at[Number(step)] = subtree.value;
      else at = at[Number(step)] as Json;
    } else if (isObject(at)) {
      if (last) at[step] = subtree.value;
      else at = at[step] ??= {};
    } else return null;
  }
  const places = new Map(tree.places);
  const prefix = pathText(path);
  for (const known of places.keys()) if (known === prefix || known.startsWith(`${prefix}.`)) places.delete(known);
  for (const [inner, place] of subtree.places) places.set(inner ? `${prefix}.${inner}` : prefix, place);
  return { value, places };
}

// ---------------------------------------------------------------------------

class TreeTooLarge extends Error {}

interface Walk {
  file: string;
  lines: LineCounter;
  places: Map<string, Place>;
  left: number;
}

function walk(document: Document, node: unknown, path: Path, state: Walk): Json {
  if (--state.left < 0) throw new TreeTooLarge();
  if (isAlias(node)) return walk(document, node.resolve(document), path, state);
  remember(path, node, node, state);
  if (isMap(node)) {
    const object: { [key: string]: Json } = {};
    for (const pair of node.items) {
      const name = isScalar(pair.key) ? String(pair.key.value) : String(pair.key);
      const inner = [...path, name];
      // defineProperty, so that a key `__proto__` is a key like any other
      Object.defineProperty(object, name, { value: walk(document, pair.value, inner, state), enumerable: true, writable: true, configurable: true });
      remember(inner, pair.key, pair.value ?? pair.key, state);
    }
    return object;
  }
  if (isSeq(node)) return node.items.map((item, index) => walk(document, item, [...path, index], state));
  if (isScalar(node)) return plain(node.value);
  return null;
}

function plain(value: unknown): Json {
  if (typeof value === 'bigint') return Number(value);
  if (value === null || typeof value === 'boolean' || typeof value === 'number' || typeof value === 'string') return value;
  return String(value);
}

function remember(path: Path, key: unknown, value: unknown, { file, lines, places }: Walk): void {
  const span = (node: unknown): Span => {
    const [start, end] = (node as Node | null)?.range ?? [0, 1];
    const { line, col } = lines.linePos(start);
    return { line: Math.max(1, line), column: Math.max(1, col), length: Math.max(1, end - start) };
  };
  places.set(pathText(path), { file, key: span(key), value: span(value) });
}
