import { suggestion } from './nearest.ts';
import { isObject, valueAt } from './yaml-tree.ts';
import type { Json } from './yaml-tree.ts';

/** A path of `--set` or `sweep` may name a param that the file leaves at its default, but not a stage that is not there. */
export function unknownStep(value: Json, path: string[]): { message: string; hint: string } | null {
  const stages = valueAt(value, ['stages']);
  const [first, stage, section] = path;
  const tops = ['name', 'experiment', 'seed', 'tracking', 'stages', 'sweep'];
  if (first !== undefined && !tops.includes(first)) {
    const names = isObject(stages) ? Object.keys(stages) : [];
    if (names.includes(first)) return { message: `"${first}" is a stage: its path begins with "stages"`, hint: `stages.${path.join('.')}` };
    return { message: `unknown key "${first}"`, hint: suggestion(first, tops, 'known keys') };
  }
  if (first !== 'stages' || stage === undefined || !isObject(stages)) return null;
  if (!Object.hasOwn(stages, stage)) return { message: `no stage "${stage}"`, hint: suggestion(stage, Object.keys(stages), 'stages') };
  const sections = ['kind', 'inputs', 'params', 'runtime'];
  if (section !== undefined && !sections.includes(section)) return { message: `unknown key "${section}" of a stage`, hint: sections.includes('params') ? `stages.${stage}.params.${path.slice(2).join('.')}?` : '' };
  return null;
}
