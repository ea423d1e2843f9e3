import { checkGraph } from './check.ts';
import { chosenParams } from './flat-params.ts';
import type { StageContract, Kinds } from './stage-kind.ts';
import { normalized, suggestion } from './diagnostic/nearest.ts';
import type { Pipeline, PipelineLabels, Stage, SweepPoint, TrackedModel } from './pipeline.ts';
import { STAGE_NAME, pipelineSchema, stageSchema } from './pipeline-schema.ts';
import { checkSchema } from './schema/check.ts';
import type { Problem, Schema } from './schema/check.ts';
import { placeInStages, translated } from './hints/translate.ts';
import { trackerWord } from './hints/tracker-words.ts';
import { isObject } from './yaml/tree.ts';
import type { Json } from './yaml/tree.ts';

/** Stages that were read already, by their value: points of a sweep share the stages that do not differ. */
export type ReadStages = WeakMap<
  object,
  { name: string; seed: Json | undefined; stage: Stage | null; problems: Problem[] }
>;

/** Turns a plain value into a pipeline with every default filled in; null if there are problems. */
export function readPipeline(
  value: Json,
  kinds: Kinds,
  point: SweepPoint | null,
  problems: Problem[],
  known: ReadStages = new WeakMap(),
): Pipeline | null {
  const before = problems.length;
  const stages = isObject(value) && isObject(value['stages']) ? value['stages'] : {};
  // each stage is read below, by the schema of its kind
  const shallow =
    isObject(value) && isObject(value['stages'])
      ? { ...value, stages: Object.fromEntries(Object.keys(stages).map((name) => [name, true])) }
      : value;
  const top = checkSchema(pipelineSchema, shallow);
  problems.push(...top.problems.map((problem) => withPlace(problem, value, kinds)));
  if (!isObject(top.value)) return null;
  const { seed } = top.value;
  const read = Object.entries(stages).flatMap(
    ([name, stage]) => readOnce(name, stage, seed, kinds, problems, known) ?? [],
  );
  checkGraph(read, Object.keys(stages), kinds, problems);
  if (problems.length > before) return null;
  const name = String(top.value['name']);
  const tracking = top.value['tracking'];
  return {
    name,
    experiment: typeof top.value['experiment'] === 'string' ? top.value['experiment'] : null,
    stages: read,
    trackingUri: isObject(tracking) && typeof tracking['uri'] === 'string' ? tracking['uri'] : null,
    trackedModel: readTrackedModel(tracking),
    labels: readLabels(top.value),
    chosen: chosenParams(stages, read),
    point,
  };
}

/** A key of a stage, or of another program, at the top of the file. */
function withPlace(problem: Problem, file: Json, kinds: Kinds): Problem {
  const { unknown, path, target } = problem;
  if (isObject(file) && path.join('.') === 'tracking' && target === 'value' && typeof file['tracking'] === 'string')
    return { ...problem, hint: trackerWord('trackingUri', file['tracking']) ?? undefined };
  if (unknown === undefined || path.length > 1 || !isObject(file)) return problem;
  const value = file[unknown.name] ?? null;
  const hint = trackerWord(unknown.name, value) ?? placeInStages(unknown.name, value, file, kinds);
  return hint === null ? problem : { ...problem, hint };
}

function readTrackedModel(tracking: Json | undefined): TrackedModel | null {
  if (!isObject(tracking)) return null;
  const { model, register } = tracking;
  if (typeof register === 'string') return { register };
  return model === true ? { register: null } : null;
}

function readLabels({ description, tags, notes }: { [key: string]: Json }): PipelineLabels | null {
  if (description === undefined && tags === undefined && notes === undefined) return null;
  return {
    description: typeof description === 'string' ? description : null,
    tags: Array.isArray(tags) ? tags.map(String) : [],
    notes: typeof notes === 'string' ? notes : null,
  };
}

/** Reads a stage, or returns the earlier result for the same value. */
function readOnce(
  name: string,
  value: Json,
  seed: Json | undefined,
  kinds: Kinds,
  problems: Problem[],
  known: ReadStages,
): Stage | null {
  const before = isObject(value) ? known.get(value) : undefined;
  if (before && before.name === name && before.seed === seed) {
    problems.push(...before.problems);
    return before.stage;
  }
  const ownProblems: Problem[] = [];
  const stage = readStage(name, value, { seed }, kinds, ownProblems);
  if (isObject(value)) known.set(value, { name, seed, stage, problems: ownProblems });
  problems.push(...ownProblems);
  return stage;
}

function readStage(
  name: string,
  value: Json,
  top: { seed?: Json | undefined },
  kinds: Kinds,
  problems: Problem[],
): Stage | null {
  const path = ['stages', name];
  if (!stageNamePattern.test(name)) {
    problems.push({ path, target: 'key', message: `"${name}" is not a valid stage name`, hint: nameHint(name) });
  }
  const kindName = isObject(value) ? value['kind'] : undefined;
  const kind = typeof kindName === 'string' && Object.hasOwn(kinds, kindName) ? kinds[kindName] : undefined;
  if (!isObject(value) || !kind) {
    problems.push(kindProblem(value, path, kinds));
    return null;
  }
  const params = withSeed(value['params'] ?? {}, kind.params, top.seed);
  const checked = checkSchema(schemaOf(kind), {
    ...value,
    inputs: value['inputs'] ?? {},
    params,
    runtime: value['runtime'] ?? {},
  });
  // the check of the graph knows what to write instead of inputs that are no mapping
  const own = translated(checked.problems, { ...value, params }, kind, kinds);
  const ownProblems = own.filter((problem) => problem.path.join('.') !== 'inputs');
  problems.push(...ownProblems.map((problem) => ({ ...problem, path: [...path, ...problem.path] })));
  const stage = { name, ...(checked.value as unknown as Omit<Stage, 'name'>) };
  if (checked.problems.length === 0) {
    const faults = kind.check?.(stage.params, Object.keys(stage.inputs)) ?? [];
    problems.push(
      ...faults.map(({ path: param, ...fault }): Problem => ({
        path: [...path, 'params', ...param.split('.')],
        target: 'value',
        ...fault,
      })),
    );
  }
  return stage;
}

/** What is wrong with a stage that is not a mapping or has no known kind. */
function kindProblem(value: Json, path: string[], kinds: Kinds): Problem {
  const kind = isObject(value) ? value['kind'] : undefined;
  const hint = () => {
    const meant = kind === undefined ? kindOfParams(value, kinds) : kindCalled(String(kind), kinds);
    return meant === null ? suggestion(String(kind ?? ''), Object.keys(kinds), 'kinds') : `write kind: ${meant}`;
  };
  if (!isObject(value)) return { path, target: 'key', message: 'a stage must be a mapping', hint };
  if (kind === undefined) return { path, target: 'key', message: '"kind" is missing', hint };
  return { path: [...path, 'kind'], target: 'value', message: `unknown kind ${JSON.stringify(kind)}`, hint };
}

/** The kind that other programs call by this name. */
const kindCalled = (name: string, kinds: Kinds): string | null =>
  Object.values(kinds).find(({ alsoCalled }) => alsoCalled?.includes(normalized(name)))?.kind ?? null;

/** The only kind that has all of these params. */
function kindOfParams(value: Json, kinds: Kinds): string | null {
  const params = isObject(value) ? value['params'] : undefined;
  if (!isObject(params)) return null;
  const [only, ...others] = Object.values(kinds).filter((kind) =>
    Object.keys(params).every((name) => Object.hasOwn(kind.params.properties, name)),
  );
  return only && others.length === 0 ? only.kind : null;
}

/** Params with the seed of the pipeline, if the kind takes one and the stage does not set it. */
function withSeed(params: Json, schema: StageContract['params'], seed: Json | undefined): Json {
  const takesSeed = 'seed' in schema.properties;
  return isObject(params) && takesSeed && seed !== undefined && params['seed'] === undefined
    ? { ...params, seed }
    : params;
}

const stageNamePattern = new RegExp(STAGE_NAME);

const schemas = new WeakMap<StageContract, Schema>();

function schemaOf(kind: StageContract): Schema {
  const known = schemas.get(kind);
  if (known) return known;
  const schema = stageSchema(kind);
  schemas.set(kind, schema);
  return schema;
}

/** The rule for names, and the most similar valid name. */
function nameHint(name: string): string {
  const rule = 'a letter, then letters, digits, "-" or "_", at most 64';
  const near = name
    .replace(/[^A-Za-z0-9_-]+/g, '-')
    .replace(/^[^A-Za-z]+|-+$/g, '')
    .slice(0, 64);
  return near ? `${rule}: "${near}"?` : rule;
}
