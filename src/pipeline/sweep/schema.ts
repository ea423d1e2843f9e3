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
    from: Type.Number({ description: 'lowest value' }),
    to: Type.Number({ description: 'highest value' }),
    scale: Type.Union([Type.Literal('linear'), Type.Literal('log')], {
      default: 'linear',
      description: 'log: values from 1e-4 to 1e-3 are as likely as values from 1e-3 to 1e-2',
    }),
    step: Type.Optional(
      Type.Number({
        exclusiveMinimum: 0,
        description: 'distance between possible values; default: any value, with three significant digits',
      }),
    ),
  },
  { additionalProperties: false },
);
export type Range = Static<typeof range>;

const random = Type.Unsafe<{ count: number; seed: number }>({
  type: 'object',
  description:
    'random points: path → {from, to, scale?, step?} or a list to choose from. A larger count adds points and keeps the others',
  properties: {
    count: Type.Integer({ minimum: 1, maximum: 10_000, description: 'how many points' }),
    seed: Type.Integer({ minimum: 0, maximum: 4294967295, default: 0, description: 'another seed draws other points' }),
  },
  patternProperties: { [SWEPT_PATH]: { anyOf: [values, range] } },
  required: ['count'],
  additionalProperties: false,
});

export const objective = Type.Object(
  {
    stage: Type.Optional(Type.String({ description: 'the stage that reports the metric; default: any' })),
    metric: Type.String({ minLength: 1, description: 'a metric that a stage reports, e.g. eval/loss' }),
    goal: Type.Union([Type.Literal('min'), Type.Literal('max')], { default: 'min' }),
  },
  {
    additionalProperties: false,
    description:
      'how to find the best point; default: by the loss of an evaluate stage, or else the lowest held-out loss',
  },
);
export type Objective = Static<typeof objective>;

export const halving = Type.Object(
  {
    stage: Type.String({ description: 'the train stage that pauses at each rung' }),
    metric: Type.String({
      minLength: 1,
      default: 'eval/loss',
      description: 'the metric to compare: its last value up to the rung',
    }),
    goal: Type.Union([Type.Literal('min'), Type.Literal('max')], { default: 'min' }),
    rungs: Type.Array(Type.Integer({ minimum: 1 }), {
      minItems: 1,
      description:
        'steps at which points are compared, ascending; points that are left after the last one train to their end',
    }),
    keepOneIn: Type.Number({
      exclusiveMinimum: 1,
      default: 3,
      description: '3: after each rung the best third of the points continues, at least one',
    }),
  },
  {
    additionalProperties: false,
    description:
      'successive halving: all points train to the first rung, the best of them to the next, and so on; the others stay paused',
  },
);
export type Halving = Static<typeof halving>;

/** The schema of the block `sweep:`. */
export const sweepSchema = Type.Unsafe<Record<string, unknown>>({
  type: 'object',
  description: 'one run for each combination of values: dotted paths with lists of values, or the keys below',
  properties: {
    grid: axes('path → values: every combination; paths may also be given directly in the sweep'),
    list: axes('path → values, paired up by position; all lists have the same length'),
    random,
    objective,
    halving,
  },
  patternProperties: { [SWEPT_PATH]: values },
  additionalProperties: false,
  minProperties: 1,
});
