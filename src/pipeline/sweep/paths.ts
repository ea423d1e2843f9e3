import { unknownStep } from '../dotted-path.ts';
import { suggestion } from '../diagnostic/nearest.ts';
import type { Problem } from '../schema/check.ts';
import { isObject } from '../yaml/tree.ts';
import type { Json, Path } from '../yaml/tree.ts';

export type Report = (problem: Problem) => void;

/** A swept path, where its key is below `sweep`, and the value of that key. */
export interface SweptPath {
  path: string;
  sweepPath: Path;
  value: Json;
}

export interface PathContext {
  base: Json;
  report: Report;
}

/** The entries of a mapping whose keys are swept paths. Any other key must be one of `keys`. */
export function pathsOf(
  part: { [key: string]: Json },
  keys: string[],
  sweepPath: Path,
  { base, report }: PathContext,
): SweptPath[] {
  return Object.entries(part).flatMap(([path, value]) => {
    if (keys.includes(path)) return [];
    const fault = pathFault(path, keys, base);
    if (fault) report({ path: [...sweepPath, path], target: 'key', ...fault });
    return fault ? [] : [{ path, sweepPath: [...sweepPath, path], value }];
  });
}

/** The paths below a key of the sweep, to look for overlaps; other problems with them are reported elsewhere. */
export const pathsIn = (part: Json | undefined, key: string): SweptPath[] =>
  isObject(part)
    ? Object.entries(part).flatMap(([path, value]) =>
        path.startsWith('stages.') ? [{ path, sweepPath: [key, path], value }] : [],
      )
    : [];

/** A path must be swept only once, and not be inside another swept path. */
export function checkOverlaps(named: SweptPath[], report: Report): void {
  for (const [index, { path, sweepPath }] of named.entries()) {
    const other = named.find(
      (candidate, otherIndex) =>
        (candidate.path === path && otherIndex < index) || path.startsWith(`${candidate.path}.`),
    );
    if (!other) continue;
    report({
      path: sweepPath,
      target: 'key',
      message:
        other.path === path ? `"${path}" is swept twice` : `"${path}" is inside "${other.path}", which is swept too`,
      hint: 'each value can be swept only once',
    });
  }
}

// ---------------------------------------------------------------------------

function pathFault(path: string, keys: string[], base: Json): Pick<Problem, 'message' | 'hint' | 'part'> | null {
  if (!path.includes('.') && keys.length > 0)
    return { message: `unknown key "${path}"`, hint: suggestion(path, keys, 'a dotted path, or one of') };
  const steps = path.split('.');
  const unknown = unknownStep(base, steps);
  if (unknown)
    return {
      message: unknown.message,
      hint: unknown.hint,
      part: {
        from: steps.slice(0, unknown.step).join('.').length + (unknown.step > 0 ? 1 : 0),
        length: Math.max(1, steps[unknown.step]!.length),
        keyLength: path.length,
      },
    };
  if (steps[0] !== 'stages' || steps.length < 3)
    return { message: 'a sweep varies values of stages', hint: `stages.….params.${path}` };
  return null;
}
