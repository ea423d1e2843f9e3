import type { SweptPoint } from './sweep.ts';
import { fillPlaces, placeOf, withValue } from '../yaml/tree.ts';
import type { Json, Path, Place, Places, Tree } from '../yaml/tree.ts';

/**
 * The file at one point of its sweep. Where a swept value is at fault, that is told of its place in the sweep; where
 * its path is, of that step of the path.
 */
export function withSweptValues(tree: Tree, rest: Json, point: SweptPoint): Tree {
  let result: Tree = { value: rest, places: tree.places };
  for (const [path, value] of Object.entries(point.values)) {
    const at = point.places[path] ?? ['sweep'];
    const steps = path.split('.');
    const placeOfStep = stepPlaces(tree, path, at);
    const next = withValue(result, steps, {
      value,
      places: { place: placeOfStep(steps.length - 1), below: belowOf(tree.places, at) },
    });
    if (next) fillPlaces(next, steps, placeOfStep);
    result = next ?? result;
  }
  return result;
}

// ---------------------------------------------------------------------------

/** Of each step of a swept path: its part of the key in the sweep, and the value that stands there. */
function stepPlaces(tree: Tree, path: string, at: Path): (index: number) => Place | null {
  const value = placeOf(tree, at);
  const axis = at.indexOf(path);
  const key = axis < 0 ? null : placeOf(tree, at.slice(0, axis + 1));
  if (!value || !key) return () => value;
  const steps = path.split('.');
  const quote = key.key.length > path.length ? 1 : 0;
  return (index) => {
    const from = steps.slice(0, index).join('.').length + (index > 0 ? 1 : 0);
    return {
      file: key.file,
      key: { ...key.key, column: key.key.column + from + quote, length: steps[index]?.length ?? 1 },
      value: value.value,
    };
  };
}

function belowOf(places: Places, at: Path): Places['below'] {
  let found: Places | undefined = places;
  for (const step of at) found = found?.below.get(String(step));
  return found?.below ?? new Map();
}
