import { test } from 'node:test';
import assert from 'node:assert/strict';
import { rateAt, type Plateau, type Schedule } from '../../src/lm/training/schedule.ts';

const close = (found: number, expected: number, what = ''): void =>
  assert.ok(Math.abs(found - expected) < 1e-12, `${what}: ${found} is not ${expected}`);
const half = (top: number, floor: number, done: number): number =>
  floor + ((top - floor) * (1 + Math.cos(Math.PI * done))) / 2;
const pieces = [
  { from: 0, rate: 4 },
  { from: 3, rate: 2 },
  { from: 7, rate: 0.5 },
];
const restarts = {
  kind: 'restarts',
  peak: 1,
  floor: 0,
  warmupSteps: 0,
  periodSteps: 4,
  stretch: 1,
  shrink: 1,
} as const;
const plateau: Plateau = {
  kind: 'plateau',
  peak: 8,
  floor: 1.5,
  warmupSteps: 0,
  factor: 0.5,
  patience: 2,
  cooldown: 0,
  minDelta: 0,
};

test('corner cases of each kind', () => {
  const table: [Schedule, number, [step: number, rate: number][]][] = [
    [
      { kind: 'constant', peak: 2, warmupSteps: 0 },
      10,
      [
        [0, 2],
        [5, 2],
        [9, 2],
        [10, 2],
      ],
    ],
    [
      { kind: 'constant', peak: 2, warmupSteps: 3 },
      10,
      [
        [0, 0.5],
        [1, 1],
        [2, 1.5],
        [3, 2],
        [9, 2],
      ],
    ],
    [
      { kind: 'linear', peak: 1, floor: 0, warmupSteps: 0 },
      10,
      [
        [0, 1],
        [5, 0.5],
        [9, 0.1],
        [10, 0],
        [99, 0],
      ],
    ],
    [
      { kind: 'linear', peak: 1, floor: 0.2, warmupSteps: 4 },
      12,
      [
        [0, 0.2],
        [3, 0.8],
        [4, 1],
        [8, 0.6],
        [11, 0.3],
        [12, 0.2],
      ],
    ],
    [
      { kind: 'cosine', peak: 1, floor: 0, warmupSteps: 0 },
      4,
      [
        [0, 1],
        [1, (1 + Math.SQRT1_2) / 2],
        [2, 0.5],
        [3, (1 - Math.SQRT1_2) / 2],
        [4, 0],
      ],
    ],
    [
      { kind: 'cosine', peak: 3, floor: 1, warmupSteps: 1 },
      5,
      [
        [0, 1.5],
        [1, 3],
        [3, 2],
        [5, 1],
        [1000, 1],
      ],
    ],

    [
      { kind: 'piecewise', pieces, warmupSteps: 0 },
      10,
      [
        [0, 4],
        [2, 4],
        [3, 2],
        [6, 2],
        [7, 0.5],
        [9, 0.5],
        [99, 0.5],
      ],
    ],
    // The warm-up rises to the rate right after it.
    [
      { kind: 'piecewise', pieces, warmupSteps: 3 },
      10,
      [
        [0, 0.5],
        [2, 1.5],
        [3, 2],
        [7, 0.5],
      ],
    ],

    [
      { kind: 'wsd', peak: 1, floor: 0, warmupSteps: 0, decayShare: 0.2 },
      20,
      [
        [0, 1],
        [15, 1],
        [16, 1],
        [17, 1 - Math.sqrt(0.25)],
        [19, 1 - Math.sqrt(0.75)],
        [20, 0],
        [99, 0],
      ],
    ],
    [
      { kind: 'wsd', peak: 3, floor: 1, warmupSteps: 2, decayShare: 0.5 },
      8,
      [
        [0, 1],
        [1, 2],
        [2, 3],
        [4, 3],
        [5, 2],
        [8, 1],
      ],
    ],
    [
      { kind: 'wsd', peak: 1, floor: 0, warmupSteps: 0, decayShare: 0 },
      8,
      [
        [0, 1],
        [7, 1],
        [8, 0],
      ],
    ],
    [
      { kind: 'wsd', peak: 1, floor: 0, warmupSteps: 0, decayShare: 1 },
      4,
      [
        [0, 1],
        [1, 0.5],
        [4, 0],
      ],
    ],
    // A decay that would begin within the warm-up begins after it.
    [
      { kind: 'wsd', peak: 1, floor: 0, warmupSteps: 4, decayShare: 1 },
      8,
      [
        [3, 0.8],
        [4, 1],
        [5, 0.5],
        [8, 0],
      ],
    ],
    // 0.9 of 20 steps is 18, also where 1 - 0.9 is a little less than 0.1.
    [
      { kind: 'wsd', peak: 1, floor: 0, warmupSteps: 0, decayShare: 0.9 },
      20,
      [
        [2, 1],
        [3, 1 - Math.sqrt(1 / 18)],
      ],
    ],

    [
      { kind: 'inverseSquareRoot', peak: 1, floor: 0, warmupSteps: 0 },
      10,
      [
        [0, 1],
        [3, 0.5],
        [8, 1 / 3],
        [99, 0.1],
      ],
    ],
    [
      { kind: 'inverseSquareRoot', peak: 2, floor: 0.9, warmupSteps: 3 },
      100,
      [
        [0, 0.5],
        [2, 1.5],
        [3, 2],
        [15, 1],
        [18, 2 / Math.sqrt(19 / 4)],
        [24, 0.9],
        [99, 0.9],
      ],
    ],

    [
      restarts,
      100,
      [
        [0, 1],
        [2, 0.5],
        [3, half(1, 0, 0.75)],
        [4, 1],
        [6, 0.5],
        [4000, 1],
      ],
    ],
    // Interpolated to the floor, not cut off at it; periods begin after the warm-up.
    [
      { ...restarts, floor: 0.2, warmupSteps: 3 },
      100,
      [
        [0, 0.25],
        [2, 0.75],
        [3, 1],
        [5, 0.6],
        [6, half(1, 0.2, 0.75)],
        [7, 1],
      ],
    ],
    [
      { ...restarts, stretch: 2, shrink: 0.5 },
      100,
      [
        [3, half(1, 0, 0.75)],
        [4, 0.5],
        [8, 0.25],
        [12, 0.25],
        [20, 0.125],
        [28, 0.125],
      ],
    ],
    [
      { ...restarts, stretch: 1.5 },
      100,
      [
        [4, 1],
        [7, 0.5],
        [10, 1],
        [14.5, 0.5],
        [19, 1],
      ],
    ],
    [
      { ...restarts, floor: 0.4, shrink: 0.1 },
      100,
      [
        [4, 0.4],
        [6, 0.4],
        [99, 0.4],
      ],
    ],

    [
      plateau,
      100,
      [
        [0, 8],
        [99, 8],
        [1000, 8],
      ],
    ],
    [
      { ...plateau, warmupSteps: 3 },
      100,
      [
        [0, 2],
        [2, 6],
        [3, 8],
      ],
    ],
  ];
  for (const [schedule, steps, points] of table)
    for (const [step, rate] of points) close(rateAt(schedule, step, steps), rate, `${schedule.kind} at ${step}`);
});

test('a plateau schedule falls at each recorded reduction, down to its floor', () => {
  const reductions = [10, 20, 20, 30];
  for (const [step, rate] of [
    [9, 8],
    [10, 4],
    [19, 4],
    [20, 1.5],
    [30, 1.5],
    [5, 8],
  ] as const)
    close(rateAt(plateau, step, 100, reductions), rate, `at ${step}`);
});

test('a warm-up longer than the training never divides by zero', () => {
  for (const schedule of [{ kind: 'linear' }, { kind: 'cosine' }, { kind: 'wsd', decayShare: 0.2 }] as const) {
    const long: Schedule = { ...schedule, peak: 1, floor: 0, warmupSteps: 10 };
    close(rateAt(long, 4, 5), 5 / 11);
    close(rateAt({ ...long, warmupSteps: 5 }, 5, 5), 0);
    close(rateAt({ ...long, warmupSteps: 7 }, 7, 5), 0);
  }
});

test('a training run of a single step uses the peak', () => {
  for (const schedule of [{ kind: 'cosine' }, { kind: 'wsd', decayShare: 0.2 }] as const)
    close(rateAt({ ...schedule, peak: 1, floor: 0, warmupSteps: 0 }, 0, 1), 1);
});
