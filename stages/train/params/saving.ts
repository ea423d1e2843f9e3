import { Type } from '@sinclair/typebox';
import { closedObject, textOrList } from '../../../src/pipeline/define-contract.ts';

/** Runtime params: which checkpoints are kept, when training stops early, and which samples it shows. */
export const savingRuntime = {
  checkpointEvery: Type.Integer({
    minimum: 1,
    default: 100,
    description:
      'steps between checkpoints; a crash loses at most this many. Each checkpoint is three times the size of the weights. Send SIGUSR1 to the runner to save at once',
  }),
  checkpointEveryMinutes: Type.Number({
    minimum: 0,
    default: 0,
    description: 'also save when this many minutes have passed since the last checkpoint; 0: never',
  }),
  keep: closedObject(
    {
      last: Type.Integer({ minimum: 1, default: 1, description: 'number of newest checkpoints to keep' }),
      every: Type.Integer({
        minimum: 0,
        default: 0,
        description: 'also keep the first checkpoint of every span of this many steps; 0: none',
      }),
    },
    {
      default: {},
      description: 'which checkpoints stay in the work folder; the best weights always stay',
    },
  ),
  stopAfterMinutes: Type.Number({
    minimum: 0,
    default: 0,
    description:
      'save and stop after this many minutes; the next run resumes there. 0: never. (Time never ends a training, because its result would then depend on the speed of the machine.)',
  }),
  pauseAt: Type.Integer({
    minimum: 0,
    default: 0,
    description:
      'save and pause after this many steps; a run without pauseAt resumes there. 0: never. A sweep with `halving` sets it',
  }),
  samples: closedObject(
    {
      every: Type.Integer({
        minimum: 0,
        default: 0,
        description: 'steps between samples; 0: none',
      }),
      prompts: textOrList({
        minItems: 1,
        maxItems: 16,
        default: [''],
        description: 'beginnings of the texts; an empty prompt lets the model begin',
      }),
      maxNewTokens: Type.Integer({
        minimum: 1,
        maximum: 65536,
        default: 60,
        description: 'maximum length of a continuation',
      }),
      temperature: Type.Number({
        minimum: 0,
        maximum: 100,
        default: 0.8,
        description: 'below 1: safer; above 1: wilder',
      }),
      topK: Type.Integer({
        minimum: 0,
        default: 40,
        description: 'draw only from the k most likely tokens; 0: from all',
      }),
    },
    {
      default: {},
      description: 'texts to read during training; they are not part of the result',
    },
  ),
};
