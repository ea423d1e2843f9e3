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
  description: 'steps over which the rate climbs to the peak, so that the first, noisy moments do no harm',
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
            description: 'finished steps from which on the rate holds; 0 for the first piece',
          }),
          rate: Type.Number({ minimum: 0, maximum: 10, description: 'learning rate, until the next piece begins' }),
        }),
        { minItems: 1, description: 'rates one after the other, as one would set them by hand' },
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
          'last share of the steps, in which the rate falls to the floor, steeply first; before, it stays at the peak, so a longer training shares its beginning',
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
        description: 'steps of the first half wave from peak to floor, counted from the end of the warm-up',
      }),
      stretch: Type.Number({
        minimum: 1,
        maximum: 100,
        default: 1,
        description: 'each half wave is so many times as long as the one before',
      }),
      shrink: Type.Number({
        exclusiveMinimum: 0,
        maximum: 1,
        default: 1,
        description: 'each half wave begins at so many times the peak of the one before',
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
        description: 'what the rate is multiplied by when the validation loss has stopped falling',
      }),
      patience: Type.Integer({
        minimum: 1,
        default: 3,
        description:
          'validations in a row without a lower loss that count as a stop; validations are validateEvery steps apart',
      }),
      cooldown: Type.Integer({
        minimum: 0,
        default: 0,
        description: 'validations after a reduction that are not counted, so that the lower rate can show what it does',
      }),
      minDelta: Type.Number({
        minimum: 0,
        default: 0.001,
        description: 'nats by which the validation loss must fall to count as lower; its own noise should be less',
      }),
    }),
  ],
  { description: 'learning rate as a function of the step; plateau also goes by the validation losses' },
);

type Schedule = Static<typeof schedule>;

/** Rules that the schema cannot say. */
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
      message: 'a plateau schedule goes by the validation losses: set the steps between two of them',
    });
  }
  const pieces = schedule.kind === 'piecewise' ? schedule.pieces : [];
  for (const [place, { from }] of pieces.entries()) {
    const before = pieces[place - 1];
    if (!before && from !== 0)
      faults.push({
        path: 'schedule.pieces.0.from',
        message: `no rate is given for the steps before ${from}; the first piece begins at 0`,
      });
    if (before && from <= before.from)
      faults.push({
        path: `schedule.pieces.${place}.from`,
        message: `a piece from ${from} cannot follow one from ${before.from}`,
      });
  }
  return faults;
}
