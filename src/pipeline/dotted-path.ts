import { nearest, suggestion } from './diagnostic/nearest.ts';
import { isObject, valueAt } from './yaml/tree.ts';
import type { Json } from './yaml/tree.ts';

/** A path of `--set` or `sweep` may name a param that the file leaves at its default, but not an unknown stage. */
export function unknownStep(
  value: Json,
  path: string[],
): { message: string; hint: string; /** index of the step at fault */ step: number } | null {
  const empty = path.findIndex((name) => name === '');
  if (empty >= 0)
    return {
      message: 'a step of the path is empty',
      hint: 'a path is words with dots between them: stages.model.params.steps',
      step: empty,
    };
  const stages = valueAt(value, ['stages']);
  const [first, stage, section] = path;
  const topKeys = ['name', 'experiment', 'description', 'tags', 'notes', 'seed', 'tracking', 'stages', 'sweep'];
  if (first !== undefined && !topKeys.includes(first)) {
    const names = isObject(stages) ? Object.keys(stages) : [];
    if (names.includes(first))
      return {
        message: `"${first}" is a stage: its path starts with "stages"`,
        hint: `stages.${first}.${path[1] !== undefined && !SECTIONS.includes(path[1]) ? 'params.' : ''}${path.slice(1).join('.')}`,
        step: 0,
      };
    const param = stageWith(stages, first);
    return {
      message: `unknown key "${first}"`,
      hint:
        param === null ? suggestion(first, topKeys, 'known keys') : `write stages.${param}.params.${path.join('.')}`,
      step: 0,
    };
  }
  if (first !== 'stages' || stage === undefined || !isObject(stages)) return null;
  if (!Object.hasOwn(stages, stage))
    return { message: `no stage "${stage}"`, hint: suggestion(stage, Object.keys(stages), 'stages'), step: 1 };
  if (section !== undefined && !SECTIONS.includes(section)) {
    const near = nearest(section, SECTIONS);
    return {
      message: `unknown key "${section}" of a stage`,
      hint: near && path.length > 3 ? `did you mean "${near}"?` : `stages.${stage}.params.${path.slice(2).join('.')}?`,
      step: 2,
    };
  }
  return null;
}

// ---------------------------------------------------------------------------

const SECTIONS = ['kind', 'inputs', 'params', 'runtime', 'needs', 'retry', 'timeLimit'];

/** The name of the first stage whose params have this key in the file. */
function stageWith(stages: Json | undefined, param: string): string | null {
  if (!isObject(stages)) return null;
  const found = Object.keys(stages).find((name) => {
    const params = valueAt(stages, [name, 'params']);
    return isObject(params) && Object.hasOwn(params, param);
  });
  return found ?? null;
}
