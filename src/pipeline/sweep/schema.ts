import { Type } from '@sinclair/typebox';
import type { Static } from '@sinclair/typebox';

/** Swept paths start like this; the other keys of a sweep are settings. */
const SWEPT_PATH = '^stages\\.';

const values = Type.Array(Type.Unknown(), { minItems: 1 });

/** Dotted path → values. */
const axes = (description: string) =>
  Type.Unsafe<Record<string, unknown[]>>({
    type: 'object',
    patternProperties: { [SWEPT_PATH]: values },
    additionalProperties: false,
    minProperties: 1,
    description,
  });

export const range = Type.Object(
  {
    from: Type.Number({ description: 'the least value' }),
    to: Type.Number({ description: 'the greatest value' }),
    scale: Type.Union([Type.Literal('linear'), Type.Literal('log')], {
      default: 'linear',
      description: 'log: as likely between 1e-4 and 1e-3 as between 1e-3 and 1e-2',
    }),
    step: Type.Optional(
      Type.Number({
        exclusiveMinimum: 0,
        description: 'only from, from + step, …: 1 gives whole numbers; left out: three significant digits',
      }),
    ),
  },
  { additionalProperties: false },
);
export type Range = Static<typeof range>;

const random = Type.Unsafe<{ count: number; seed: number }>({
  type: 'object',
  description:
    'points drawn by chance: path → {from, to, scale?, step?} or a list to choose from; a larger count keeps the points that were there',
  properties: {
    count: Type.Integer({ minimum: 1, maximum: 10_000, description: 'how many points' }),
    seed: Type.Integer({ minimum: 0, maximum: 4294967295, default: 0, description: 'other points at another seed' }),
  },
  patternProperties: { [SWEPT_PATH]: { anyOf: [values, range] } },
  required: ['count'],
  additionalProperties: false,
});

export const objective = Type.Object(
  {
    stage: Type.Optional(Type.String({ description: 'whose metric; left out: any stage that tells it' })),
    metric: Type.String({ minLength: 1, description: 'a metric that a stage tells, e.g. eval/loss' }),
    goal: Type.Union([Type.Literal('min'), Type.Literal('max')], { default: 'min' }),
  },
  {
    additionalProperties: false,
    description:
      'what the best point is best in; left out: the loss of an evaluate stage, else the lowest validation loss',
  },
);
export type Objective = Static<typeof objective>;

export const halving = Type.Object(
  {
    stage: Type.String({ description: 'the train stage that pauses at each rung' }),
    metric: Type.String({
      minLength: 1,
      default: 'eval/loss',
      description: 'what is compared: the newest value up to the rung',
    }),
    goal: Type.Union([Type.Literal('min'), Type.Literal('max')], { default: 'min' }),
    rungs: Type.Array(Type.Integer({ minimum: 1 }), {
      minItems: 1,
      description: 'steps at which points are compared, ascending; who is left after the last one runs to its end',
    }),
    keepOneIn: Type.Number({
      exclusiveMinimum: 1,
      default: 3,
      description: '3: at each rung the best third goes on, and at least one point',
    }),
  },
  {
    additionalProperties: false,
    description:
      'successive halving: all points train to the first rung, the best of them to the next; the others stay paused there',
  },
);
export type Halving = Static<typeof halving>;

/** The schema of the block `sweep:`. */
export const sweepSchema = Type.Unsafe<Record<string, unknown>>({
  type: 'object',
  description: 'one run for each combination of: dotted paths with their values, or these words',
  properties: {
    grid: axes('path → values: every combination; paths may also stand in the sweep itself'),
    list: axes('path → values: the first ones together, the second ones together, …; all lists are equally long'),
    random,
    objective,
    halving,
  },
  patternProperties: { [SWEPT_PATH]: values },
  additionalProperties: false,
  minProperties: 1,
});
