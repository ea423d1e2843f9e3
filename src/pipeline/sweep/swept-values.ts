import { withValueInFile } from '../sets.ts';
import type { SetFile, SetValue } from '../sets.ts';
import type { PullInUsed } from '../use.ts';
import type { SweptPoint } from './sweep.ts';
import { locationOf } from '../yaml/tree.ts';
import type { Json, Path, Location, Locations, Tree } from '../yaml/tree.ts';

/**
 * The file at one point of its sweep. A swept value is located where it was written in the sweep; the mappings on its
 * path are located at that step of the path. Used files come first, so that other swept values win over their keys.
 */
export function withSweptValues({ written, full }: SetFile, rest: Json, point: SweptPoint, pullIn: PullInUsed): Tree {
  let result: SetFile = { written, full: { value: rest, locations: full.locations } };
  const values = Object.entries(point.values);
  const isUse = ([path]: [string, Json]): boolean => path.endsWith('.use');
  for (const [path, value] of [...values.filter(isUse), ...values.filter((entry) => !isUse(entry))]) {
    const valuePath = point.valuePaths[path] ?? ['sweep'];
    const swept: SetValue = {
      path: path.split('.'),
      value: { value, locations: { location: null, below: belowOf(full.locations, valuePath) } },
      locationOfStep: stepLocations(full, path, valuePath),
    };
    result = withValueInFile(result, swept, pullIn) ?? result;
  }
  return result.full;
}

// ---------------------------------------------------------------------------

/** The location of each step of a swept path: its part of the key in the sweep, and the swept value. */
function stepLocations(tree: Tree, path: string, valuePath: Path): (index: number) => Location | null {
  const value = locationOf(tree, valuePath);
  const keyIndex = valuePath.indexOf(path);
  const key = keyIndex < 0 ? null : locationOf(tree, valuePath.slice(0, keyIndex + 1));
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

function belowOf(locations: Locations, path: Path): Locations['below'] {
  let found: Locations | undefined = locations;
  for (const step of path) found = found?.below.get(String(step));
  return found?.below ?? new Map();
}
