import { Type } from '@sinclair/typebox';
import type { Kinds } from '../../src/pipeline/kind.ts';

/** Small kinds to decide about: nothing of them runs. */
export const fakeKinds: Kinds = {
  fetch: {
    kind: 'fetch',
    version: 1,
    params: Type.Object(
      {
        source: Type.String(),
        format: Type.Union([Type.Literal('messenger'), Type.Literal('jsonl')], { default: 'messenger' }),
      },
      { additionalProperties: false },
    ),
    runtime: Type.Object({}, { additionalProperties: false }),
    sources: ['source'],
    inputs: {},
    output: 'conversations',
    computes: false,
  },
  learn: {
    kind: 'learn',
    version: 3,
    params: Type.Object(
      {
        steps: Type.Integer({ minimum: 1, description: 'optimizer updates' }),
        seed: Type.Integer({ default: 7 }),
        schedule: Type.Union(
          [
            Type.Object(
              { kind: Type.Literal('constant'), peak: Type.Number({ exclusiveMinimum: 0 }) },
              { additionalProperties: false },
            ),
            Type.Object(
              {
                kind: Type.Literal('cosine'),
                peak: Type.Number({ exclusiveMinimum: 0 }),
                warmupSteps: Type.Integer({ default: 100 }),
              },
              { additionalProperties: false },
            ),
          ],
          { default: { kind: 'constant', peak: 0.001 } },
        ),
      },
      { additionalProperties: false },
    ),
    runtime: Type.Object({ logEvery: Type.Integer({ default: 10 }) }, { additionalProperties: false }),
    sources: [],
    inputs: { '*': 'conversations' },
    output: 'checkpoint',
    computes: true,
  },
  judge: {
    kind: 'judge',
    version: 1,
    params: Type.Object({}, { additionalProperties: false }),
    runtime: Type.Object({}, { additionalProperties: false }),
    sources: [],
    inputs: { checkpoint: 'checkpoint', 'held-out': 'conversations' },
    output: 'report',
    computes: true,
  },
};
