import { Type } from '@sinclair/typebox';
import { leaksParam } from '../leak-check.ts';
import { SEED_TEMPLATE } from '../../src/artifacts/tokens/line-template.ts';
import type { StageContext, ValuesOf } from '../../src/pipeline/stage-kind.ts';

/** Version of the kind's behaviour. Also part of the names under which partial results are cached. */
export const VERSION = 3;

export const params = {
  template: Type.String({
    default: SEED_TEMPLATE,
    description:
      'line for each message. {ms}, {s} and {iso} are its time in milliseconds, in seconds and in ISO form; {gap} is the time since the previous message (0s, 5m, 3h, 2d); {name} and {text} are sender and text',
  }),
  header: Type.String({
    default: '',
    description: 'line before each conversation, with {people}, {date} and {messages}; empty: none',
  }),
  ending: Type.Union([Type.Literal('separator'), Type.Literal('blankLines'), Type.Literal('sevenTokens')], {
    default: 'separator',
    description:
      'what ends a conversation. separator: the separator token; blankLines: two blank lines; sevenTokens: the text <|endoftext|> as seven ordinary tokens, only to reproduce trainings that did so',
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
    description: 'share of conversations held out of both training and validation, for a final evaluation',
  }),
  splitBy: Type.Union([Type.Literal('conversation'), Type.Literal('time')], {
    default: 'conversation',
    description:
      'which conversations are held out. conversation: any, chosen by a hash of their text; time: the latest',
  }),
  seed: Type.Integer({
    minimum: 0,
    maximum: 4294967295,
    default: 1337,
    description: 'another seed holds out other conversations',
  }),
  leaks: leaksParam,
};

export type Params = ValuesOf<typeof params>;
export type Context = StageContext<Params, object>;
