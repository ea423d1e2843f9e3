import { Type } from '@sinclair/typebox';
import type { StageContext, ValuesOf } from '../../src/pipeline/stage-kind.ts';
import { engineParam, weightsParam } from '../shared-params.ts';

export const params = {
  prompts: Type.Array(Type.String(), {
    minItems: 1,
    description: 'what the texts begin with; an empty one lets the model begin',
  }),
  samplesPerPrompt: Type.Integer({
    minimum: 1,
    maximum: 10000,
    default: 1,
    description: 'texts for each prompt; the k-th of each has the seed `seed` + k, counted from 0',
  }),
  maxNewTokens: Type.Integer({
    minimum: 1,
    maximum: 65536,
    default: 100,
    description: 'longest continuation; a token is about 3 characters of chat',
  }),
  temperature: Type.Number({
    minimum: 0,
    maximum: 100,
    default: 1,
    description: 'below 1 safer and more repetitive, above 1 wilder; 0 always takes the likeliest token',
  }),
  topK: Type.Integer({
    minimum: 0,
    default: 0,
    description: 'draw from the k likeliest tokens only, and those as likely as the k-th; 0: from all',
  }),
  topP: Type.Number({
    exclusiveMinimum: 0,
    maximum: 1,
    default: 1,
    description:
      'draw from the likeliest tokens that together hold this much probability, the one that crosses the mark included; 1: from all',
  }),
  repetitionPenalty: Type.Number({
    minimum: 1,
    maximum: 10,
    default: 1,
    description: 'makes tokens that the text already has less likely; 1.1 to 1.3 is usual, 1: off',
  }),
  seed: Type.Integer({
    minimum: 0,
    maximum: 4294967295,
    default: 1337,
    description: 'another seed draws other texts',
  }),
  startAtSeparator: Type.Boolean({
    default: true,
    description: 'let the prompt stand at the beginning of a conversation; false: somewhere inside one',
  }),
  stopAtSeparator: Type.Boolean({ default: true, description: 'end a text where the model ends the conversation' }),
  stop: Type.Array(Type.String({ minLength: 1 }), {
    default: [],
    description: 'strings that end a text, which is cut before them: ["\\n"] for one line',
  }),
  overflow: Type.Union([Type.Literal('stop'), Type.Literal('slide')], {
    default: 'stop',
    description: 'where the context is full. stop: the text ends; slide: it forgets its oldest lines and goes on',
  }),
  weights: weightsParam,
  precision: Type.Union([Type.Literal('fp32'), Type.Literal('bf16')], {
    default: 'fp32',
    description:
      "bf16: the blocks' matrices rounded to bfloat16; one text at a time is then written faster, several are not. Logits are float32 in either",
  }),
  engine: engineParam,
};

export type Params = ValuesOf<typeof params>;
export type Context = StageContext<Params, object>;
