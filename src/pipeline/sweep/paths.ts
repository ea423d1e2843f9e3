import { unknownStep } from '../dotted-path.ts';
import { suggestion } from '../diagnostic/nearest.ts';
import type { Finding } from '../schema/check.ts';
import { isObject } from '../yaml/tree.ts';
import type { Json, Path } from '../yaml/tree.ts';

export type Complain = (finding: Finding) => void;

/** A swept path, where it stands below `sweep`, and what stands behind it. */
export interface Named {
  path: string;
  at: Path;
  value: Json;
}

export interface Reading {
  base: Json;
  complain: Complain;
}

/** The keys of a mapping that are paths of stages' values; others must be among the words. */
export function pathsOf(
  part: { [key: string]: Json },
  words: string[],
  at: Path,
  { base, complain }: Reading,
): Named[] {
  return Object.entries(part).flatMap(([path, value]) => {
    if (words.includes(path)) return [];
    const fault = pathFault(path, words, base);
    if (fault) complain({ path: [...at, path], of: 'key', ...fault });
    return fault ? [] : [{ path, at: [...at, path], value }];
  });
}

/** The paths under a word, for looking at overlaps; what is wrong with them is told elsewhere. */
export const pathsIn = (part: Json | undefined, word: string): Named[] =>
  isObject(part)
    ? Object.entries(part).flatMap(([path, value]) =>
        path.startsWith('stages.') ? [{ path, at: [word, path], value }] : [],
      )
    : [];

/** The value of a path must come from one place: not twice, and not inside another one that is swept. */
export function checkOverlaps(named: Named[], complain: Complain): void {
  named.forEach(({ path, at }, place) => {
    const other = named.findIndex(
      (one, index) => index !== place && (one.path === path ? index < place : path.startsWith(`${one.path}.`)),
    );
    if (other < 0) return;
    const same = named[other]!.path === path;
    complain({
      path: at,
      of: 'key',
      message: same ? `"${path}" is swept twice` : `"${path}" lies inside "${named[other]!.path}", which is swept too`,
      hint: 'a value comes from one place',
    });
  });
}

// ---------------------------------------------------------------------------

function pathFault(path: string, words: string[], base: Json): Pick<Finding, 'message' | 'hint' | 'part'> | null {
  if (!path.includes('.') && words.length > 0)
    return { message: `unknown key "${path}"`, hint: suggestion(path, words, 'a dotted path, or one of') };
  const steps = path.split('.');
  const unknown = unknownStep(base, steps);
  if (unknown)
    return {
      message: unknown.message,
      hint: unknown.hint,
      part: {
        from: steps.slice(0, unknown.at).join('.').length + (unknown.at > 0 ? 1 : 0),
        length: Math.max(1, steps[unknown.at]!.length),
        keyLength: path.length,
      },
    };
  if (steps[0] !== 'stages' || steps.length < 3)
    return { message: 'a sweep varies values of stages', hint: `stages.….params.${path}` };
  return null;
}
