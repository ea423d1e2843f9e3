import { checkGraph } from './check.ts';
import type { KindContract, Kinds } from './kind.ts';
import { suggestion } from './nearest.ts';
import type { Pipeline, Stage, SweepPoint } from './pipeline.ts';
import { STAGE_NAME, pipelineSchema, stageSchema } from './pipeline-schema.ts';
import { checkSchema } from './schema-check.ts';
import type { Finding, Schema } from './schema-check.ts';
import { isObject } from './yaml-tree.ts';
import type { Json } from './yaml-tree.ts';

/** A plain value to a pipeline with every default filled in; null if there are findings. */
export function readPipeline(value: Json, kinds: Kinds, point: SweepPoint | null, findings: Finding[]): Pipeline | null {
  const before = findings.length;
  const top = checkSchema(pipelineSchema as unknown as Schema, value);
  findings.push(...top.findings);
  if (!isObject(top.value)) return null;
  const stages = isObject(top.value['stages']) ? top.value['stages'] : {};
  const read = Object.entries(stages).flatMap(([name, stage]) => {
    const one = readStage(name, stage, top.value as { seed?: Json }, kinds, findings);
    return one ? [one] : [];
  });
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

function readStage(name: string, value: Json, top: { seed?: Json }, kinds: Kinds, findings: Finding[]): Stage | null {
  const path = ['stages', name];
  if (!new RegExp(STAGE_NAME).test(name)) {
    findings.push({ path, of: 'key', message: `"${name}" cannot be a stage's name`, hint: 'a letter, then letters, digits, "-" or "_", at most 64' });
  }
  const kindName = isObject(value) ? value['kind'] : undefined;
  const kind = typeof kindName === 'string' && Object.hasOwn(kinds, kindName) ? kinds[kindName] : undefined;
  if (!isObject(value) || !kind) {
    const message = isObject(value) ? (kindName === undefined ? '"kind" is missing' : `unknown kind ${JSON.stringify(kindName)}`) : 'a stage is a mapping';
    findings.push({ path: kindName === undefined ? path : [...path, 'kind'], of: kindName === undefined ? 'key' : 'value', message, hint: suggestion(String(kindName ?? ''), Object.keys(kinds), 'kinds') });
    return null;
  }
  const params = withSeed(value['params'] ?? {}, kind.params, top.seed);
  const checked = checkSchema(stageSchema(kind), { ...value, inputs: value['inputs'] ?? {}, params, runtime: value['runtime'] ?? {} });
  findings.push(...checked.findings.map((finding) => ({ ...finding, path: [...path, ...finding.path] })));
  const stage = { name, ...(checked.value as unknown as Omit<Stage, 'name'>) };
  if (checked.findings.length === 0) {
    const problems = kind.check?.(stage.params as never, Object.keys(stage.inputs)) ?? [];
    findings.push(...problems.map((problem): Finding => ({ path: [...path, 'params', ...problem.path.split('.')], of: 'value', message: problem.message })));
  }
  return stage;
}

function withSeed(params: Json, schema: KindContract['params'], seed: Json | undefined): Json {
  const takesSeed = 'seed' in schema.properties;
  return isObject(params) && takesSeed && seed !== undefined && params['seed'] === undefined ? { ...params, seed } : params;
}
