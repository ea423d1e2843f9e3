import { Type, type Static } from '@sinclair/typebox';
import { closedObject } from '../../../src/pipeline/define-contract.ts';

const peak = Type.Number({
  exclusiveMinimum: 0,
  maximum: 10,
  description: 'highest learning rate; 3e-4 to 1e-3 for small models from scratch, 2e-5 to 1e-4 for fine-tuning',
});
const floor = Type.Number({
  minimum: 0,
  maximum: 10,
  description: 'learning rate at the end, often a tenth of the peak',
});
const warmupSteps = Type.Integer({
  minimum: 0,
  default: 0,
  description: 'steps over which the rate rises to the peak, while the moment estimates are still noisy',
});
export const schedule = Type.Union(
  [
    closedObject({ kind: Type.Literal('constant'), peak, warmupSteps }),
    closedObject({ kind: Type.Literal('linear'), peak, floor, warmupSteps }),
    closedObject({ kind: Type.Literal('cosine'), peak, floor, warmupSteps }),
    closedObject({
      kind: Type.Literal('piecewise'),
      pieces: Type.Array(
        closedObject({
          from: Type.Integer({
            minimum: 0,
            description: 'number of finished steps at which this piece begins; 0 for the first piece',
          }),
          rate: Type.Number({ minimum: 0, maximum: 10, description: 'learning rate until the next piece begins' }),
        }),
        { minItems: 1, description: 'a sequence of constant rates, as if set by hand' },
      ),
      warmupSteps,
    }),
    closedObject({
      kind: Type.Literal('wsd'),
      peak,
      floor,
      warmupSteps,
      decayShare: Type.Number({
        minimum: 0,
        maximum: 1,
        default: 0.2,
        description:
          'share of the steps, at the end, over which the rate falls to the floor, steeply at first. Until then it stays at the peak, so a longer training has the same beginning',
      }),
    }),
    closedObject({
      kind: Type.Literal('inverseSquareRoot'),
      peak,
      floor: Type.Number({ minimum: 0, maximum: 10, default: 0, description: 'lowest learning rate' }),
      warmupSteps,
    }),
    closedObject({
      kind: Type.Literal('restarts'),
      peak,
      floor,
      warmupSteps,
      periodSteps: Type.Integer({
        minimum: 1,
        maximum: 2 ** 31,
        description: 'steps of the first period, a half wave from peak to floor that begins after the warm-up',
      }),
      stretch: Type.Number({
        minimum: 1,
        maximum: 100,
        default: 1,
        description: 'each period is this many times as long as the one before',
      }),
      shrink: Type.Number({
        exclusiveMinimum: 0,
        maximum: 1,
        default: 1,
        description: 'the peak of each period is this fraction of the peak before it',
      }),
    }),
    closedObject({
      kind: Type.Literal('plateau'),
      peak,
      floor,
      warmupSteps,
      factor: Type.Number({
        exclusiveMinimum: 0,
        exclusiveMaximum: 1,
        default: 0.5,
        description: 'the rate is multiplied by this when the held-out loss has stopped falling',
      }),
      patience: Type.Integer({
        minimum: 1,
        default: 3,
        description:
          'the rate falls after this many validations in a row without a lower loss; validations are validateEvery steps apart',
      }),
      cooldown: Type.Integer({
        minimum: 0,
        default: 0,
        description: 'validations after a reduction that do not count, so that the lower rate has time to take effect',
      }),
      minDelta: Type.Number({
        minimum: 0,
        default: 0.001,
        description:
          'a loss counts as lower if it is more than this many nats below the lowest so far; should exceed the noise of the held-out loss',
      }),
    }),
  ],
  {
    examples: [{ kind: 'cosine', peak: 1e-3, floor: 1e-4, warmupSteps: 100 }],
    description: 'learning rate as a function of the step; plateau also depends on the held-out losses',
  },
);

type Schedule = Static<typeof schedule>;

/** Rules that the schema cannot express. */
export function scheduleFaults({
  schedule,
  validateEvery,
}: {
  schedule: Schedule;
  validateEvery: number;
}): { path: string; message: string }[] {
  const faults: { path: string; message: string }[] = [];
  if ('floor' in schedule && schedule.floor > schedule.peak) {
    faults.push({ path: 'schedule.floor', message: `the floor ${schedule.floor} is above the peak ${schedule.peak}` });
  }
  if (schedule.kind === 'plateau' && validateEvery === 0) {
    faults.push({
      path: 'validateEvery',
      message: 'a plateau schedule depends on the held-out losses: set the number of steps between validations',
    });
  }
  const pieces = schedule.kind === 'piecewise' ? schedule.pieces : [];
  for (const [index, { from }] of pieces.entries()) {
    const previous = pieces[index - 1];
    if (!previous && from !== 0)
      faults.push({
        path: 'schedule.pieces.0.from',
        message: `the first piece must begin at 0; no rate is set for the steps before ${from}`,
      });
    if (previous && from <= previous.from)
      faults.push({
        path: `schedule.pieces.${index}.from`,
        message: `a piece from step ${from} cannot follow one from step ${previous.from}`,
      });
  }
  return faults;
}
