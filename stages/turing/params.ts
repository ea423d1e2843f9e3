import { Type } from '@sinclair/typebox';
import type { StageContext, ValuesOf } from '../../src/pipeline/stage-kind.ts';
import { params as sampleParams } from './sampling-params.ts';

/** What a text of the model can be set against to see whether a judge is awake. */
export const FLOORS = ['eliza', 'elsewhere', 'ngram'] as const;
export type Floor = (typeof FLOORS)[number];

export const params = {
  split: Type.Union([Type.Literal('test'), Type.Literal('validation')], {
    default: 'test',
    description: 'where the real texts are from; nothing was chosen by `test`, but `best` weights by `validation`',
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
      'number for people, per checkpoint; 108 pairs, or 210 single texts, find out a judge who is right in 60 % of single texts 8 times in 10',
  }),
  context: Type.Integer({ minimum: 0, maximum: 100, default: 6, description: 'real lines shown before a text' }),
  lines: Type.Integer({
    minimum: 1,
    maximum: 50,
    default: 4,
    description: 'lines of each text; longer texts are easier to tell',
  }),
  turns: Type.Union([Type.Literal('model'), Type.Literal('asReal')], {
    default: 'model',
    description:
      'who writes the second and later lines. model: as it likes; asReal: the same people as in the real text',
  }),
  names: Type.Union([Type.Literal('letters'), Type.Literal('shown')], {
    default: 'letters',
    description: 'letters: A, B … instead of the names, the same in both texts; shown: the names',
  }),
  lengthWithin: Type.Number({
    minimum: 0,
    maximum: 10,
    default: 0.2,
    description: 'a text may be this share longer or shorter than the real one, or 15 characters',
  }),
  draws: Type.Integer({
    minimum: 1,
    maximum: 100,
    default: 4,
    description: 'tries for a text of the right form and length',
  }),
  against: Type.Array(Type.Union(FLOORS.map((name) => Type.Literal<Floor>(name))), {
    uniqueItems: true,
    default: [...FLOORS],
    description:
      'easy rivals. eliza: the program of 1966; elsewhere: real lines of another conversation; ngram: a model of four words',
  }),
  catch: Type.Number({
    minimum: 0,
    maximum: 1,
    default: 0.1,
    description: 'share of questions, in addition, with an easy rival: who fails them did not pay attention',
  }),
  repeats: Type.Number({
    minimum: 0,
    maximum: 0.5,
    default: 0.05,
    description: 'share of questions that are asked again, with the sides changed',
  }),
  duels: Type.Integer({
    minimum: 0,
    maximum: 1000,
    default: 20,
    description: 'questions, in addition, that set the model against ELIZA, per checkpoint; needs eliza in `against`',
  }),
  automatic: Type.Integer({
    minimum: 20,
    maximum: 5000,
    default: 300,
    description: 'pairs that programs judge, at most; the first are those for people',
  }),
  ...sampleParams,
};

export type Params = ValuesOf<typeof params>;
export type Context = StageContext<Params, object>;
