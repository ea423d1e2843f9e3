import { plainDecimal } from '../numbers/plain-decimal.ts';
import type { Pipeline } from './pipeline.ts';
import type { Json } from './yaml/tree.ts';

/** Every param of every stage by its dotted path, for trackers: `model.schedule.peak` → `0.0003`. */
export function flatParams(pipeline: Pipeline): Record<string, string> {
  const flat: Record<string, string> = {};
  for (const stage of pipeline.stages) flatten(stage.params, stage.name, flat);
  return flat;
}

function flatten(value: Json, path: string, flat: Record<string, string>): void {
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) {
    for (const [key, inner] of Object.entries(value)) flatten(inner, `${path}.${key}`, flat);
  } else
    flat[path] =
      typeof value === 'string' ? value : typeof value === 'number' ? plainDecimal(value) : JSON.stringify(value);
}
