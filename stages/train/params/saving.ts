import { Type } from '@sinclair/typebox';
import { closedObject } from '../../../src/pipeline/define-contract.ts';

/** Runtime: which checkpoints are kept, when training stops early, and which samples are shown meanwhile. */
export const savingRuntime = {
  checkpointEvery: Type.Integer({
    minimum: 1,
    default: 100,
    description:
      'steps that a crash can cost; each checkpoint is three times the size of the weights. The signal SIGUSR1 to the runner saves at once',
  }),
  checkpointEveryMinutes: Type.Number({
    minimum: 0,
    default: 0,
    description: 'save also when so many minutes have passed since the last time; 0: by steps alone',
  }),
  keep: closedObject(
    {
      last: Type.Integer({ minimum: 1, default: 1, description: 'newest checkpoints that stay' }),
      every: Type.Integer({
        minimum: 0,
        default: 0,
        description: 'besides, the first one of each so many steps stays; 0: none',
      }),
    },
    {
      default: {},
      description: 'checkpoints that stay in the work folder; the best weights always do',
    },
  ),
  stopAfterMinutes: Type.Number({
    minimum: 0,
    default: 0,
    description:
      'save and stop after so long; the next run goes on there. 0: never. (An end by the clock would make the result a matter of luck.)',
  }),
  pauseAt: Type.Integer({
    minimum: 0,
    default: 0,
    description:
      'save and pause after so many steps; a run without it goes on there. 0: never. A sweep with `halving` sets it',
  }),
  samples: closedObject(
    {
      every: Type.Integer({
        minimum: 0,
        default: 0,
        description: 'steps between two looks at what the model writes; 0: none',
      }),
      prompts: Type.Array(Type.String(), {
        minItems: 1,
        maxItems: 16,
        default: [''],
        description: 'what the texts begin with; an empty one lets the model begin',
      }),
      maxNewTokens: Type.Integer({ minimum: 1, maximum: 65536, default: 60, description: 'longest continuation' }),
      temperature: Type.Number({
        minimum: 0,
        maximum: 100,
        default: 0.8,
        description: 'below 1 safer, above 1 wilder',
      }),
      topK: Type.Integer({
        minimum: 0,
        default: 40,
        description: 'draw from the k likeliest tokens only; 0: from all',
      }),
    },
    {
      default: {},
      description: 'texts to look at while it trains; they are no part of the result',
    },
  ),
};
