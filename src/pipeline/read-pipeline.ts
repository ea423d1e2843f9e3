import { checkGraph } from './check.ts';
import type { StageContract, Kinds } from './stage-kind.ts';
import { suggestion } from './diagnostic/nearest.ts';
import type { Pipeline, Stage, SweepPoint } from './pipeline.ts';
import { STAGE_NAME, pipelineSchema, stageSchema } from './pipeline-schema.ts';
import { checkSchema } from './schema/check.ts';
import type { Finding, Schema } from './schema/check.ts';
import { isObject } from './yaml/tree.ts';
import type { Json } from './yaml/tree.ts';

/** What was read of a stage, by its written value: the points of a sweep share those that do not differ. */
export type ReadStages = WeakMap<
  object,
  { name: string; seed: Json | undefined; stage: Stage | null; findings: Finding[] }
>;

/** A plain value to a pipeline with every default filled in; null if there are findings. */
export function readPipeline(
  value: Json,
  kinds: Kinds,
  point: SweepPoint | null,
  findings: Finding[],
  known: ReadStages = new WeakMap(),
): Pipeline | null {
  const before = findings.length;
  const stages = isObject(value) && isObject(value['stages']) ? value['stages'] : {};
  // the stages themselves are read below, each by the schema of its kind
  const shallow =
    isObject(value) && isObject(value['stages'])
      ? { ...value, stages: Object.fromEntries(Object.keys(stages).map((name) => [name, true])) }
      : value;
  const top = checkSchema(pipelineSchema, shallow);
  findings.push(...top.findings);
  if (!isObject(top.value)) return null;
  const { seed } = top.value;
  const read = Object.entries(stages).flatMap(
    ([name, stage]) => readOnce(name, stage, seed, kinds, findings, known) ?? [],
  );
  checkGraph(read, Object.keys(stages), kinds, findings);
  if (findings.length > before) return null;
  const name = String(top.value['name']);
  const tracking = top.value['tracking'];
  return {
    name,
    experiment: String(top.value['experiment'] ?? name),
    stages: read,
    trackingUri: isObject(tracking) ? String(tracking['uri']) : null,
    point,
  };
}

function readOnce(
  name: string,
  value: Json,
  seed: Json | undefined,
  kinds: Kinds,
  findings: Finding[],
  known: ReadStages,
): Stage | null {
  const before = isObject(value) ? known.get(value) : undefined;
  if (before && before.name === name && before.seed === seed) {
    findings.push(...before.findings);
    return before.stage;
  }
  const own: Finding[] = [];
  const stage = readStage(name, value, { seed }, kinds, own);
  if (isObject(value)) known.set(value, { name, seed, stage, findings: own });
  findings.push(...own);
  return stage;
}

function readStage(
  name: string,
  value: Json,
  top: { seed?: Json | undefined },
  kinds: Kinds,
  findings: Finding[],
): Stage | null {
  const path = ['stages', name];
  if (!stageName.test(name)) {
    findings.push({ path, of: 'key', message: `"${name}" cannot be a stage's name`, hint: nameHint(name) });
  }
  const kindName = isObject(value) ? value['kind'] : undefined;
  const kind = typeof kindName === 'string' && Object.hasOwn(kinds, kindName) ? kinds[kindName] : undefined;
  if (!isObject(value) || !kind) {
    const message = isObject(value)
      ? kindName === undefined
        ? '"kind" is missing'
        : `unknown kind ${JSON.stringify(kindName)}`
      : 'a stage is a mapping';
    findings.push({
      path: kindName === undefined ? path : [...path, 'kind'],
      of: kindName === undefined ? 'key' : 'value',
      message,
      hint: () => suggestion(String(kindName ?? ''), Object.keys(kinds), 'kinds'),
    });
    return null;
  }
  const params = withSeed(value['params'] ?? {}, kind.params, top.seed);
  const checked = checkSchema(schemaOf(kind), {
    ...value,
    inputs: value['inputs'] ?? {},
    params,
    runtime: value['runtime'] ?? {},
  });
  findings.push(...checked.findings.map((finding) => ({ ...finding, path: [...path, ...finding.path] })));
  const stage = { name, ...(checked.value as unknown as Omit<Stage, 'name'>) };
  if (checked.findings.length === 0) {
    const problems = kind.check?.(stage.params, Object.keys(stage.inputs)) ?? [];
    findings.push(
      ...problems.map(({ path: param, ...problem }): Finding => ({
        path: [...path, 'params', ...param.split('.')],
        of: 'value',
        ...problem,
      })),
    );
  }
  return stage;
}

function withSeed(params: Json, schema: StageContract['params'], seed: Json | undefined): Json {
  const takesSeed = 'seed' in schema.properties;
  return isObject(params) && takesSeed && seed !== undefined && params['seed'] === undefined
    ? { ...params, seed }
    : params;
}

const stageName = new RegExp(STAGE_NAME);

const schemas = new WeakMap<StageContract, Schema>();

function schemaOf(kind: StageContract): Schema {
  const known = schemas.get(kind);
  if (known) return known;
  const schema = stageSchema(kind);
  schemas.set(kind, schema);
  return schema;
}

/** The name is a step of a dotted path and a folder below the run's: the nearest one that can be both. */
function nameHint(name: string): string {
  const rule = 'a letter, then letters, digits, "-" or "_", at most 64';
  const near = name
    .replace(/[^A-Za-z0-9_-]+/g, '-')
    .replace(/^[^A-Za-z]+|-+$/g, '')
    .slice(0, 64);
  return near ? `${rule}: "${near}"?` : rule;
}
