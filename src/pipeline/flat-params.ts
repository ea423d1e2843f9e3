import { plainDecimal } from '../numbers/plain-decimal.ts';
import type { Stage } from './pipeline.ts';
import { isObject } from './yaml/tree.ts';
import type { Json } from './yaml/tree.ts';

/** Every param of every stage by its dotted path, for trackers: `model.schedule.peak` → `0.0003`. */
export function flatParams({ stages }: { stages: Pick<Stage, 'name' | 'params'>[] }): Record<string, string> {
  const flat: Record<string, string> = {};
  for (const stage of stages) flatten(stage.params, stage.name, flat);
  return flat;
}

/** The names of the flat params that are no defaults. `written`: the stages as in the file. */
export function chosenParams(written: { [name: string]: Json }, stages: Stage[]): Set<string> {
  const flat: Record<string, string> = {};
  for (const [name, stage] of Object.entries(written))
    if (isObject(stage) && isObject(stage['params'])) flatten(stage['params'], name, flat);
  const isWritten = (path: string): boolean => Object.hasOwn(flat, path);
  // a list is one param; what is written in a short form becomes several
  const chosen = Object.keys(flatParams({ stages })).filter((path) => {
    const steps = path.split('.');
    return steps.some((_, count) => isWritten(steps.slice(0, count + 1).join('.')));
  });
  return new Set(chosen);
}

// ---------------------------------------------------------------------------

function flatten(value: Json, path: string, flat: Record<string, string>): void {
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) {
    for (const [key, inner] of Object.entries(value)) flatten(inner, `${path}.${key}`, flat);
  } else
    flat[path] =
      typeof value === 'string' ? value : typeof value === 'number' ? plainDecimal(value) : JSON.stringify(value);
}
