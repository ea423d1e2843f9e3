export type Json = null | boolean | number | string | Json[] | { [key: string]: Json };
export type Path = (string | number)[];

/** Where a value stands: of its key, if it has one, and of the value itself. */
export interface Place {
  file: string;
  key: Span;
  value: Span;
}

export interface Span {
  line: number;
  column: number;
  length: number;
}

/** The places of a value and of everything in it, in the shape of the value. */
export interface Places {
  /** null where nothing was written: a step that a `--set` made on its way */
  place: Place | null;
  below: Map<string, Places>;
}

/** A plain value and where each part of it was written. */
export interface Tree {
  value: Json;
  places: Places;
}

export const noPlaces = (place: Place | null = null): Places => ({ place, below: new Map() });

/** The place of a path, or of its nearest parent that was written down. */
export function placeOf(tree: Tree, path: Path): Place | null {
  let at: Places | undefined = tree.places;
  let nearest = at.place;
  for (const step of path) {
    at = at.below.get(String(step));
    if (!at) break;
    nearest = at.place ?? nearest;
  }
  return nearest;
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

/**
 * A tree with `subtree` put at `path`; objects on the way are made. Null if the way leads through a plain value. What
 * is not on the way is shared with the tree that was given, so that a thousand points of a sweep cost what differs.
 */
export function withValue(tree: Tree, path: Path, subtree: Tree): Tree | null {
  const [step, ...rest] = path;
  if (step === undefined) return subtree;
  const value = tree.value === null ? {} : tree.value;
  const name = String(step);
  const below = tree.places.below.get(name) ?? noPlaces();
  if (Array.isArray(value)) {
    const index = Number(step);
    if (!/^\d+$/.test(name) || index >= value.length) return null;
    const inner = withValue({ value: value[index] as Json, places: below }, rest, subtree);
    return inner && { value: value.with(index, inner.value), places: withBelow(tree.places, name, inner.places) };
  }
  if (!isObject(value)) return null;
  const inner = withValue(
    { value: Object.hasOwn(value, name) ? (value[name] as Json) : null, places: below },
    rest,
    subtree,
  );
  return inner && { value: { ...value, [name]: inner.value }, places: withBelow(tree.places, name, inner.places) };
}

/** Says where the steps of a path were written that stand nowhere in the file. */
export function fillPlaces(tree: Tree, path: Path, placeOfStep: (index: number) => Place | null): void {
  let at: Places | undefined = tree.places;
  for (const [index, step] of path.entries()) {
    at = at.below.get(String(step));
    if (!at) return;
    at.place ??= placeOfStep(index);
  }
}

// ---------------------------------------------------------------------------

const withBelow = (places: Places, step: string, inner: Places): Places => ({
  place: places.place,
  below: new Map(places.below).set(step, inner),
});
