export type Json = null | boolean | number | string | Json[] | { [key: string]: Json };
export type Path = (string | number)[];

/** Where a value was written: its key, if it has one, and the value itself. */
export interface Location {
  file: string;
  key: Span;
  value: Span;
}

export interface Span {
  line: number;
  column: number;
  length: number;
}

/** The locations of a value and of everything in it, nested like the value. */
export interface Locations {
  /** null where nothing was written: a mapping that a `--set` created for its path */
  location: Location | null;
  below: Map<string, Locations>;
}

/** A plain value and where each part of it was written. */
export interface Tree {
  value: Json;
  locations: Locations;
}

export const noLocations = (location: Location | null = null): Locations => ({ location, below: new Map() });

/** The location of a path, or of its nearest parent that has one. */
export function locationOf(tree: Tree, path: Path): Location | null {
  let current: Locations | undefined = tree.locations;
  let nearest = current.location;
  for (const step of path) {
    current = current.below.get(String(step));
    if (!current) break;
    nearest = current.location ?? nearest;
  }
  return nearest;
}

export const isObject = (value: Json | undefined): value is { [key: string]: Json } =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** The value at a path, or undefined. */
export function valueAt(value: Json, path: Path): Json | undefined {
  let current: Json | undefined = value;
  for (const step of path) {
    if (Array.isArray(current)) current = current[Number(step)];
    else if (isObject(current)) current = Object.hasOwn(current, step) ? current[step] : undefined;
    else return undefined;
  }
  return current;
}

/** The part of the tree at a path, or undefined. */
export function subtreeAt({ value, locations }: Tree, path: Path): Tree | undefined {
  const found = valueAt(value, path);
  const below = path.reduce<Locations | undefined>((at, step) => at?.below.get(String(step)), locations);
  return found === undefined ? undefined : { value: found, locations: below ?? noLocations() };
}

/**
 * A copy of the tree with `subtree` at `path`; missing objects on the path are created. Null if the path goes through a
 * plain value. Everything off the path is shared with the given tree, so a sweep of a thousand points stays cheap.
 */
export function withValue(tree: Tree, path: Path, subtree: Tree): Tree | null {
  const [step, ...rest] = path;
  if (step === undefined) return subtree;
  const value = tree.value === null ? {} : tree.value;
  const name = String(step);
  const below = tree.locations.below.get(name) ?? noLocations();
  if (Array.isArray(value)) {
    const index = Number(step);
    if (!/^\d+$/.test(name) || index >= value.length) return null;
    const inner = withValue({ value: value[index] as Json, locations: below }, rest, subtree);
    return (
      inner && { value: value.with(index, inner.value), locations: withBelow(tree.locations, name, inner.locations) }
    );
  }
  if (!isObject(value)) return null;
  const inner = withValue(
    { value: Object.hasOwn(value, name) ? (value[name] as Json) : null, locations: below },
    rest,
    subtree,
  );
  return (
    inner && { value: { ...value, [name]: inner.value }, locations: withBelow(tree.locations, name, inner.locations) }
  );
}

/** Sets the location of those steps of a path that were not written in the file. */
export function fillLocations(tree: Tree, path: Path, locationOfStep: (index: number) => Location | null): void {
  let current: Locations | undefined = tree.locations;
  for (const [index, step] of path.entries()) {
    current = current.below.get(String(step));
    if (!current) return;
    current.location ??= locationOfStep(index);
  }
}

// ---------------------------------------------------------------------------

const withBelow = (locations: Locations, step: string, inner: Locations): Locations => ({
  location: locations.location,
  below: new Map(locations.below).set(step, inner),
});
