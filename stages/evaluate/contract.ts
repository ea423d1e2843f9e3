import { Type } from '@sinclair/typebox';
import { defineContract } from '../../src/pipeline/stage-kind.ts';

export const params = Type.Object(
  {
    weights: Type.Union([Type.Literal('best'), Type.Literal('final')], {
      default: 'best',
      description: 'best: those with the lowest validation loss; final: those of the last step',
    }),
    split: Type.Union([Type.Literal('validation'), Type.Literal('test')], {
      default: 'validation',
      description:
        'validation: the text that training looked at now and then; test: text that nothing was chosen by, where the tokenize stage holds some out',
    }),
    engine: Type.Union([Type.Literal('tensorflow'), Type.Literal('tfjs')], {
      default: 'tensorflow',
      description: 'tensorflow: captured and fast; tfjs: op by op, as reference',
    }),
  },
  { additionalProperties: false },
);
export const runtime = Type.Object({}, { additionalProperties: false });

export const contract = defineContract({
  kind: 'evaluate',
  version: 2,
  summary: 'measures loss, perplexity and bits per byte on held-out text, beside those of the start that training had',
  params,
  runtime,
  sources: [],
  inputs: { checkpoint: 'checkpoint', 'held-out': 'tokens' },
  output: 'report',
  computes: true,
});
