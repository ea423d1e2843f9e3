import { Type } from '@sinclair/typebox';
import { defineContract } from '../../src/pipeline/define-contract.ts';
import type { Computation, Kinds } from '../../src/pipeline/stage-kind.ts';

const run = async (): Promise<void> => {
  throw new Error('these kinds cannot run');
};
const computesWith = (): Computation => ({ engine: 'tfjs', precision: 'fp32' });

/** Small stage kinds for planning only; they cannot run. */
export const fakeKinds: Kinds = {
  fetch: defineContract({
    kind: 'fetch',
    version: 1,
    summary: 'makes conversations',
    params: {
      source: Type.String(),
      format: Type.Union([Type.Literal('messenger'), Type.Literal('jsonl')], { default: 'messenger' }),
    },
    sources: ['source'],
    output: 'conversations',
    run,
  }),
  learn: defineContract({
    kind: 'learn',
    version: 3,
    summary: 'makes a checkpoint',
    params: {
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
    runtime: { logEvery: Type.Integer({ default: 10 }) },
    inputs: { '*': 'conversations' },
    output: 'checkpoint',
    computesWith,
    run,
  }),
  judge: defineContract({
    kind: 'judge',
    version: 1,
    summary: 'makes a report',
    params: {},
    inputs: { checkpoint: 'checkpoint', 'held-out': 'conversations' },
    output: 'report',
    computesWith,
    run,
  }),
};
