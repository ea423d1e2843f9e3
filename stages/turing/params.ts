import { Type } from '@sinclair/typebox';
import type { StageContext, ValuesOf } from '../../src/pipeline/stage-kind.ts';
import { params as sampleParams } from './sampling-params.ts';

/** Baselines: what a real text can be set against, beside the text of a model. */
export const FLOORS = ['eliza', 'elsewhere', 'ngram'] as const;
export type Floor = (typeof FLOORS)[number];

export const params = {
  split: Type.Union([Type.Literal('test'), Type.Literal('validation')], {
    default: 'test',
    description:
      'where the real texts come from; `validation` was used to choose the `best` weights, `test` for nothing',
  }),
  design: Type.Union([Type.Literal('pair'), Type.Literal('single')], {
    default: 'pair',
    description: 'pair: which of two texts is real? single: is this text real?',
  }),
  questions: Type.Integer({
    minimum: 1,
    maximum: 5000,
    default: 108,
    description:
      'questions for people, per checkpoint; 108 pairs, or 210 single texts, detect a judge who recognizes 60 % of single texts 8 times in 10',
  }),
  context: Type.Integer({ minimum: 0, maximum: 100, default: 6, description: 'real lines shown before a text' }),
  lines: Type.Integer({
    minimum: 1,
    maximum: 50,
    default: 4,
    description: 'lines of each text; longer texts are easier to tell apart',
  }),
  turns: Type.Union([Type.Literal('model'), Type.Literal('asReal')], {
    default: 'model',
    description:
      'who speaks in the second and later lines. model: whoever the model chooses; asReal: the same people as in the real text',
  }),
  names: Type.Union([Type.Literal('letters'), Type.Literal('shown')], {
    default: 'letters',
    description: 'letters: A, B … instead of names, the same in both texts; shown: the names',
  }),
  lengthWithin: Type.Number({
    minimum: 0,
    maximum: 10,
    default: 0.2,
    description:
      'how much longer or shorter than the real text a generated one may be, as a share; 15 characters are always allowed',
  }),
  draws: Type.Integer({
    minimum: 1,
    maximum: 100,
    default: 4,
    description: 'how often a model may try to write a text of the right form and length',
  }),
  against: Type.Array(Type.Union(FLOORS.map((name) => Type.Literal<Floor>(name))), {
    uniqueItems: true,
    default: [...FLOORS],
    description:
      'baselines. eliza: the program of 1966; elsewhere: real lines of another conversation; ngram: a model that sees the last three tokens',
  }),
  catch: Type.Number({
    minimum: 0,
    maximum: 1,
    default: 0.1,
    description:
      'extra questions with a baseline as rival, ELIZA if she is in `against`, as a share of the questions: a judge who fails them did not pay attention',
  }),
  repeats: Type.Number({
    minimum: 0,
    maximum: 0.5,
    default: 0.05,
    description: 'share of the questions that are asked again, with the sides swapped',
  }),
  duels: Type.Integer({
    minimum: 0,
    maximum: 1000,
    default: 20,
    description:
      'extra questions per checkpoint that set the model against ELIZA: which is the person? needs eliza in `against`',
  }),
  automatic: Type.Integer({
    minimum: 20,
    maximum: 5000,
    default: 300,
    description: 'most pairs that programs judge; those for people come first',
  }),
  ...sampleParams,
};

export type Params = ValuesOf<typeof params>;
export type Context = StageContext<Params, object>;
