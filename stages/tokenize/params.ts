import { Type } from '@sinclair/typebox';
import { SEED_TEMPLATE } from './line-template.ts';
import type { StageContext, ValuesOf } from '../../src/pipeline/stage-kind.ts';

/** The behaviour version of the kind: also part of the names under which parts of its work are kept. */
export const VERSION = 3;

export const params = {
  template: Type.String({
    default: SEED_TEMPLATE,
    description:
      'the line of a message: {ms} or {s} its time in milliseconds or seconds, {iso} in words, {gap} since the message before (0s, 5m, 3h, 2d), {name}, {text}',
  }),
  header: Type.String({
    default: '',
    description: 'a line before each conversation, with {people}, {date} and {messages}; empty: none',
  }),
  ending: Type.Union([Type.Literal('separator'), Type.Literal('blankLines'), Type.Literal('sevenTokens')], {
    default: 'separator',
    description:
      'what ends a conversation: the separator token; two blank lines; or the seven ordinary tokens of the text <|endoftext|>, only to reproduce trainings that did so',
  }),
  validation: Type.Number({
    minimum: 0,
    maximum: 0.5,
    default: 0.05,
    description: 'share of conversations held out of training',
  }),
  test: Type.Number({
    minimum: 0,
    maximum: 0.4,
    default: 0,
    description: 'share of conversations held out of training and of its validations, for a report at the end',
  }),
  splitBy: Type.Union([Type.Literal('conversation'), Type.Literal('time')], {
    default: 'conversation',
    description: 'which ones: any, by a hash of what is said; or the latest',
  }),
  seed: Type.Integer({
    minimum: 0,
    maximum: 4294967295,
    default: 1337,
    description: 'another seed holds out other conversations',
  }),
};

export type Params = ValuesOf<typeof params>;
export type Context = StageContext<Params, object>;
