import { Type } from '@sinclair/typebox';
import type { StageContract, Kinds } from './stage-kind.ts';
import { placingSchemas } from './needs.ts';
import type { Schema } from './schema/check.ts';
import { sweepSchema } from './sweep/schema.ts';

/** A stage's name is a step of a dotted path and a folder's name. */
export const STAGE_NAME = '^[A-Za-z][A-Za-z0-9_-]{0,63}$';

/** Everything of a pipeline file but what depends on a stage's kind. */
export const pipelineSchema = Type.Object(
  {
    name: Type.String({ pattern: '^[A-Za-z0-9][A-Za-z0-9 _-]{0,99}$', description: 'names the runs of this file' }),
    experiment: Type.Optional(
      Type.String({ minLength: 1, maxLength: 250, description: "the tracker's shelf for runs; default: the name" }),
    ),
    seed: Type.Optional(
      Type.Integer({
        minimum: 0,
        maximum: 4294967295,
        description: 'fills `seed` of every stage that has one and does not set it',
      }),
    ),
    tracking: Type.Optional(
      Type.Object(
        { uri: Type.String({ minLength: 1, description: 'MLflow server; the variable MLFLOW_TRACKING_URI wins' }) },
        { additionalProperties: false },
      ),
    ),
    stages: Type.Record(Type.String({ pattern: STAGE_NAME }), Type.Unknown(), {
      minProperties: 1,
      description: 'name → stage',
    }),
    sweep: Type.Optional(sweepSchema),
  },
  { additionalProperties: false },
);

/** The schema of one stage of a kind, as the user writes it. */
export function stageSchema(kind: StageContract): Schema {
  return {
    type: 'object',
    properties: {
      kind: { const: kind.kind },
      inputs: {
        type: 'object',
        additionalProperties: { type: 'string' },
        description: 'port → the stage that feeds it',
      },
      params: { ...kind.params, description: 'counts: every value is part of the key' },
      runtime: { ...kind.runtime, description: 'does not count: logging, cadence' },
      ...placingSchemas,
    },
    required: ['kind'],
    additionalProperties: false,
  };
}

/** One schema for editors: a stage's kind decides what may stand in it; `use:` may stand in any mapping. */
export function editorSchema(kinds: Kinds): Schema {
  const stages = Object.values(kinds).map((kind) => ({
    if: { properties: { kind: { const: kind.kind } }, required: ['kind'] },
    then: { $ref: `${kind.kind}.schema.json` },
  }));
  const stage = {
    type: 'object',
    properties: { kind: { enum: Object.keys(kinds) } },
    required: ['kind'],
    allOf: stages,
  };
  const plain = JSON.parse(JSON.stringify(pipelineSchema)) as { properties: Record<string, unknown> };
  return {
    $schema: 'http://json-schema.org/draft-07/schema#',
    title: 'A pipeline',
    ...plain,
    properties: {
      ...plain.properties,
      sweep: withUse(plain.properties['sweep']),
      stages: {
        type: 'object',
        patternProperties: { [STAGE_NAME]: stage },
        additionalProperties: false,
        minProperties: 1,
      },
    },
  };
}

export function editorStageSchema(kind: StageContract): Schema {
  return {
    $schema: 'http://json-schema.org/draft-07/schema#',
    title: `A stage of kind ${kind.kind}`,
    ...(withUse(JSON.parse(JSON.stringify(stageSchema(kind)))) as Schema),
  };
}

/**
 * A file of `configs/`, which a `use:` pulls in: a block of params, or part of one, for keys beside the `use:` may
 * bring the rest.
 */
export function editorBlockSchema(kind: StageContract, param: string): Schema {
  const written = JSON.parse(JSON.stringify(kind.params.properties[param])) as Schema;
  const block = withoutDemands(written);
  return {
    $schema: 'http://json-schema.org/draft-07/schema#',
    title: `${param} of a ${kind.kind} stage, to be pulled in with use:`,
    ...block,
  };
}

function withoutDemands(schema: unknown): Schema {
  const inner = schema as Schema;
  const { required: _, default: __, ...rest } = inner;
  return Array.isArray(inner['anyOf']) ? { ...rest, anyOf: (inner['anyOf'] as unknown[]).map(withoutDemands) } : rest;
}

/** In a file being edited, what has a default need not be written, and `use:` may bring what has none. */
function withUse(schema: unknown): unknown {
  if (Array.isArray(schema)) return schema.map(withUse);
  if (typeof schema !== 'object' || schema === null) return schema;
  const inner = Object.fromEntries(Object.entries(schema).map(([key, value]) => [key, withUse(value)]));
  if (inner['type'] !== 'object' || typeof inner['properties'] !== 'object') return inner;
  const { required = [], ...rest } = inner;
  const own = inner['properties'] as Record<string, Schema>;
  const needed = (required as string[]).filter((name) => own[name]?.['default'] === undefined);
  // a stage itself is never pulled in: its kind stands in the file
  const isStage = 'kind' in own && 'inputs' in own;
  const properties = isStage
    ? own
    : { ...own, use: { type: 'string', description: 'a YAML file whose keys are pulled in here; keys beside it win' } };
  if (needed.length === 0) return { ...rest, properties };
  return isStage
    ? { ...rest, properties, required: needed }
    : { ...rest, properties, anyOf: [{ required: needed }, { required: ['use'] }] };
}
