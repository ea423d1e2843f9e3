import { Type } from '@sinclair/typebox';
import { textOrList } from '../../src/pipeline/define-contract.ts';
import type { StageContext, ValuesOf } from '../../src/pipeline/stage-kind.ts';
import { engineParam, samplingParams, weightsParam } from '../shared-params.ts';

/** Tokens whose held-out lines the samples are set beside. */
export const HELD_OUT_PORT = 'held-out';

export const params = {
  prompts: textOrList({
    minItems: 1,
    examples: [['Ann:']],
    description: 'beginnings of the texts; an empty prompt lets the model begin',
  }),
  samplesPerPrompt: Type.Integer({
    minimum: 1,
    maximum: 10000,
    default: 1,
    description: 'texts per prompt; text k, counted from 0, uses the seed `seed` + k',
  }),
  maxNewTokens: Type.Integer({
    minimum: 1,
    maximum: 65536,
    default: 100,
    description: 'maximum length of a continuation; a token is about 3 characters of chat',
  }),
  ...samplingParams,
  seed: Type.Integer({
    minimum: 0,
    maximum: 4294967295,
    default: 1337,
    description: 'another seed draws other texts',
  }),
  startAtSeparator: Type.Boolean({
    default: true,
    description: 'true: the prompt begins a conversation; false: it continues one',
  }),
  stopAtSeparator: Type.Boolean({ default: true, description: 'end a text where the model ends the conversation' }),
  stop: Type.Array(Type.String({ minLength: 1 }), {
    default: [],
    description: 'strings that end a text; they are cut off. ["\\n"]: one line',
  }),
  overflow: Type.Union([Type.Literal('stop'), Type.Literal('slide')], {
    default: 'stop',
    description:
      'what happens when the context is full. stop: the text ends; slide: it continues without its oldest lines',
  }),
  weights: weightsParam,
  precision: Type.Union([Type.Literal('fp32'), Type.Literal('bf16')], {
    default: 'fp32',
    description:
      'bf16: the matrices of the blocks are rounded to bfloat16, which is faster for one text at a time, but not for several. Logits are always float32',
  }),
  engine: engineParam,
};

export type Params = ValuesOf<typeof params>;
export type Context = StageContext<Params, object>;
