import { Type } from '@sinclair/typebox';
import type { StageContract, Kinds } from './stage-kind.ts';
import { placingSchemas } from './needs.ts';
import { withoutMark } from './schema/bare-text.ts';
import type { Schema } from './schema/check.ts';
import { sweepSchema } from './sweep/schema.ts';

/** A stage's name is used as a step of dotted paths and as the name of a folder. */
export const STAGE_NAME = '^[A-Za-z][A-Za-z0-9_-]{0,63}$';

/** The schema of a pipeline file, without what depends on the kind of a stage. */
export const pipelineSchema = Type.Object(
  {
    name: Type.String({
      pattern: '^[A-Za-z0-9][A-Za-z0-9 _-]{0,99}$',
      examples: ['my chats'],
      description: 'name of the pipeline and its runs: letters, digits, spaces, "-" and "_"',
    }),
    experiment: Type.Optional(
      Type.String({
        minLength: 1,
        maxLength: 250,
        description: 'MLflow experiment for the runs; default: MLFLOW_EXPERIMENT_NAME, else the name of the pipeline',
      }),
    ),
    description: Type.Optional(
      Type.String({
        maxLength: 2000,
        description: 'what the runs are for; like `tags` and `notes`, part of no cache key',
      }),
    ),
    tags: Type.Optional(
      Type.Array(Type.String({ pattern: '^[^\\s=][^=]{0,249}(=.*)?$', maxLength: 1000 }), {
        description: 'tags of the runs, each NAME or NAME=VALUE; `ls --tag` finds them',
      }),
    ),
    notes: Type.Optional(Type.String({ maxLength: 10_000, description: 'a note on the runs; `show` prints it' })),
    seed: Type.Optional(
      Type.Integer({
        minimum: 0,
        maximum: 4294967295,
        description: 'default `seed` for every stage that takes one',
      }),
    ),
    tracking: Type.Optional(
      Type.Object(
        {
          uri: Type.Optional(
            Type.String({
              minLength: 1,
              description: 'MLflow server; the environment variable MLFLOW_TRACKING_URI takes precedence',
            }),
          ),
          model: Type.Optional(
            Type.Boolean({
              description:
                'send the trained model, too; it can recite the chats that it was trained on. Default: false',
            }),
          ),
          register: Type.Optional(
            Type.String({
              pattern: '^[^/:]{1,250}$',
              description: 'send the trained model and register it under this name, as a new version',
            }),
          ),
        },
        { additionalProperties: false, minProperties: 1 },
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
        description: 'input → the stage whose result it reads',
      },
      params: {
        ...kind.params,
        description: 'settings of the stage. Each is part of the cache key: after a change the stage runs again',
      },
      runtime: {
        ...kind.runtime,
        description: 'settings that do not affect the result, e.g. how often to log. Not part of the cache key',
      },
      ...placingSchemas,
    },
    required: ['kind'],
    additionalProperties: false,
  };
}

/** The schema for editors: a stage's kind selects the schema of the stage, and any mapping may have a `use:`. */
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
 * The schema of a file in `configs/` that `use:` includes. It may have only part of a block of params, because keys
 * beside the `use:` can add the rest.
 */
export function editorBlockSchema(kind: StageContract, param: string): Schema {
  const written = JSON.parse(JSON.stringify(kind.params.properties[param])) as Schema;
  const block = withoutRequired(written);
  return {
    $schema: 'http://json-schema.org/draft-07/schema#',
    title: `${param} of a ${kind.kind} stage, for a file that is included with use:`,
    ...block,
  };
}

function withoutRequired(schema: unknown): Schema {
  const inner = schema as Schema;
  const { required: _, default: __, ...rest } = inner;
  return Array.isArray(inner['anyOf']) ? { ...rest, anyOf: (inner['anyOf'] as unknown[]).map(withoutRequired) } : rest;
}

/** While editing, keys with a default are optional, and `use:` may provide the others. */
function withUse(schema: unknown): unknown {
  if (Array.isArray(schema)) return schema.map(withUse);
  if (typeof schema !== 'object' || schema === null) return schema;
  const inner = withoutMark(Object.fromEntries(Object.entries(schema).map(([key, value]) => [key, withUse(value)])));
  if (inner['type'] !== 'object' || typeof inner['properties'] !== 'object') return inner;
  const { required = [], ...rest } = inner;
  const declared = inner['properties'] as Record<string, Schema>;
  const needed = (required as string[]).filter((name) => declared[name]?.['default'] === undefined);
  // a stage as a whole cannot come from a `use:`: its kind is always written in the file
  const isStage = 'kind' in declared && 'inputs' in declared;
  const properties = isStage
    ? declared
    : {
        ...declared,
        use: {
          type: 'string',
          description: 'a YAML file whose keys are included here; keys next to `use` take precedence',
        },
      };
  if (needed.length === 0) return { ...rest, properties };
  return isStage
    ? { ...rest, properties, required: needed }
    : { ...rest, properties, anyOf: [{ required: needed }, { required: ['use'] }] };
}
