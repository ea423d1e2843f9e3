import { normalized } from '../diagnostic/nearest.ts';
import { flowText } from '../schema/flow-text.ts';
import type { Problem } from '../schema/check.ts';
import type { Kinds, StageContract, Translation } from '../stage-kind.ts';
import { isObject, valueAt } from '../yaml/tree.ts';
import type { Json } from '../yaml/tree.ts';

/**
 * The problems of a stage, with hints for what other programs call things. Problems that such a key explains are left
 * out: with `max_steps: 500`, `steps` is not missing.
 */
export function translated(
  problems: Problem[],
  stage: { [key: string]: Json },
  kind: StageContract,
  kinds: Kinds,
): Problem[] {
  const provided = new Set<string>();
  const better = problems.map((problem) => {
    const found = translationOf(problem, stage, kind) ?? elsewhere(problem, stage, kinds);
    if (found === null) return problem;
    for (const key of found.section === undefined ? Object.keys(found.write) : [])
      provided.add(JSON.stringify([...problem.path.slice(0, -1), key]));
    return { ...problem, hint: hintOf(found) };
  });
  return better.filter(
    ({ missing, path }) => missing === undefined || !provided.has(JSON.stringify([...path, missing])),
  );
}

/** Where a key belongs that stands at the top of the file: in the params of the first stage that takes it. */
export function placeInStages(key: string, value: Json, file: { [key: string]: Json }, kinds: Kinds): string | null {
  const stages = isObject(file['stages']) ? file['stages'] : {};
  for (const [name, stage] of Object.entries(stages)) {
    const kind = isObject(stage) && typeof stage['kind'] === 'string' ? kinds[stage['kind']] : undefined;
    if (!kind || !isObject(stage)) continue;
    if (Object.hasOwn(kind.params.properties, key))
      return `it belongs in the params of the stage ${name}: ${flowText(key, value)}`;
    const found = kind.translate?.(['params', key], value, { params: {}, ...stage });
    if (found) return `it belongs in the params of the stage ${name}; there, ${hintOf(found)}`;
  }
  return null;
}

// ---------------------------------------------------------------------------

/** A param of another kind: `temperature` in a train stage. */
function elsewhere({ unknown, path }: Problem, stage: { [key: string]: Json }, kinds: Kinds): Translation | null {
  if (unknown === undefined || path.length !== 2 || path[0] !== 'params') return null;
  const owner = Object.values(kinds).find(({ params }) => Object.hasOwn(params.properties, unknown.name));
  if (!owner) return null;
  const text = flowText(unknown.name, valueAt(stage, path) ?? null);
  return { write: {}, note: `it is a param of stages of kind ${owner.kind}: move ${text} there` };
}

function hintOf({ write, section, note }: Translation): string {
  const texts = section
    ? [flowText(section, write)]
    : Object.entries(write).map(([key, value]) => flowText(key, value));
  return [...(texts.length > 0 ? [`write ${texts.join(' and ')}`] : []), ...(note === undefined ? [] : [note])].join(
    '; ',
  );
}

function translationOf(
  { path, target, unknown, missing }: Problem,
  stage: { [key: string]: Json },
  kind: StageContract,
): Translation | null {
  if (missing !== undefined) return null;
  const steps = path.map(String);
  const value = valueAt(stage, path) ?? null;
  if (unknown === undefined) return target === 'value' ? (kind.translate?.(steps, value, stage) ?? null) : null;
  const same = unknown.known.find((name) => normalized(name) === normalized(unknown.name));
  if (same !== undefined) return { write: { [same]: value } };
  if (steps.length === 1) {
    const inParams = kind.translate?.(['params', ...steps], value, stage);
    return inParams ? { write: {}, note: `it belongs in params; there, ${hintOf(inParams)}` } : null;
  }
  return kind.translate?.(steps, value, stage) ?? null;
}
