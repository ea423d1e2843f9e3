import { unknownStep } from './dotted-path.ts';
import type { SweepPoint } from './pipeline.ts';
import type { Finding } from './schema-check.ts';
import { isObject } from './yaml-tree.ts';
import type { Json } from './yaml-tree.ts';

/** A grid that a person did not mean: nobody waits for more runs than this. */
const LARGEST_SWEEP = 10_000;

/** Every combination of the swept values, the last path varying fastest. `base` is the file without its sweep. */
export function sweepPoints(sweep: Json, base: Json, complain: (finding: Finding) => void): SweepPoint[] {
  if (!isObject(sweep) || Object.keys(sweep).length === 0) {
    complain({ path: ['sweep'], of: 'value', message: 'a sweep maps dotted paths to lists of values', hint: 'sweep: { stages.model.params.schedule.peak: [1.0e-4, 3.0e-4] }' });
    return [];
  }
  const axes = Object.entries(sweep).flatMap(([path, values]) => {
    const wrong = axisProblem(path, values, base);
    if (wrong) complain({ path: ['sweep', path], ...wrong });
    return wrong ? [] : [{ path, values: values as Json[] }];
  });
  if (axes.length < Object.keys(sweep).length) return [];
  const of = axes.reduce((product, axis) => product * axis.values.length, 1);
  if (of > LARGEST_SWEEP) {
    complain({ path: ['sweep'], of: 'value', message: `${of} combinations, more than ${LARGEST_SWEEP}` });
    return [];
  }
  const names = shortNames(axes.map((axis) => axis.path));
  return Array.from({ length: of }, (_, index) => {
    let rest = index;
    const picked = [...axes].reverse().map(({ path, values }): [string, Json] => {
      const value = values[rest % values.length] ?? null;
      rest = Math.floor(rest / values.length);
      return [path, value];
    });
    const values = Object.fromEntries(picked.reverse());
    const title = Object.entries(values).map(([path, value]) => `${names.get(path)}=${shown(value)}`).join(' ');
    return { index, of, values, title };
  });
}

// ---------------------------------------------------------------------------

function axisProblem(path: string, values: Json | undefined, base: Json): Omit<Finding, 'path'> | null {
  const unknown = unknownStep(base, path.split('.'));
  if (unknown) return { of: 'key', ...unknown };
  if (!path.startsWith('stages.')) return { of: 'key', message: 'a sweep varies values of stages', hint: `stages.….params.${path}` };
  if (!Array.isArray(values) || values.length === 0) return { of: 'value', message: 'expected a list of values', hint: '[1.0e-4, 3.0e-4]' };
  if (new Set(values.map((value) => JSON.stringify(value))).size < values.length) return { of: 'value', message: 'a value stands twice in the list' };
  return null;
}

/** The shortest endings of the paths that still tell them apart. */
function shortNames(paths: string[]): Map<string, string> {
  return new Map(
    paths.map((path) => {
      const steps = path.split('.');
      for (let length = 1; length < steps.length; length++) {
        const name = steps.slice(-length).join('.');
        if (paths.every((other) => other === path || !`.${other}`.endsWith(`.${name}`))) return [path, name];
      }
      return [path, path];
    }),
  );
}

const shown = (value: Json): string => (typeof value === 'string' || typeof value === 'number' ? String(value) : JSON.stringify(value));
