/** Learning rate over training. `peak` and `floor` are rates, names that end in `Steps` a number of steps. */
export type Schedule =
  | { kind: 'constant'; peak: number; warmupSteps: number }
  | { kind: 'linear'; peak: number; floor: number; warmupSteps: number }
  | { kind: 'cosine'; peak: number; floor: number; warmupSteps: number }
  | { kind: 'piecewise'; pieces: { from: number; rate: number }[]; warmupSteps: number }
  | { kind: 'wsd'; peak: number; floor: number; warmupSteps: number; decayShare: number }
  | { kind: 'inverseSquareRoot'; peak: number; floor: number; warmupSteps: number }
  | {
      kind: 'restarts';
      peak: number;
      floor: number;
      warmupSteps: number;
      periodSteps: number;
      stretch: number;
      shrink: number;
    }
  | Plateau;

/** Reduce on plateau; what it goes by is in plateau.ts. */
export interface Plateau {
  kind: 'plateau';
  peak: number;
  floor: number;
  warmupSteps: number;
  /** what a reduction multiplies the rate by */
  factor: number;
  /** validations in a row without improvement that make a plateau */
  patience: number;
  /** validations after a reduction that are not counted */
  cooldown: number;
  /** nats by which a validation loss must lie below the best to be an improvement */
  minDelta: number;
}

/**
 * The rate of the update that follows `step` finished ones; `step` runs from 0 to `steps` - 1. A pure function of the
 * step, and for `plateau` of the recorded steps of its reductions.
 *
 * 1. Warm-up: the first `warmupSteps` updates climb in equal parts, (step + 1) / (warmupSteps + 1) of the peak, so that
 *    the first is not wasted at rate zero and the peak itself comes right after (nanoGPT's rule).
 * 2. From the peak, `linear` falls in a straight line and `cosine` in half a wave. They would reach the floor at step
 *    `steps`; at and beyond it the rate is the floor. `wsd` stays, and in the last `decayShare` of the training falls
 *    by 1 − √(share done) (llm.c's).
 * 3. `inverseSquareRoot` falls with 1/√(step + 1), scaled so that it is the peak right after the warm-up, down to the
 *    floor. `restarts` counts from the end of the warm-up: half a wave from peak to floor in `periodSteps`, then again,
 *    each period `stretch` times as long and from `shrink` times the peak (Loshchilov and Hutter, «SGDR», 2017).
 *    `piecewise` is what its pieces say.
 */
export function rateAt(schedule: Schedule, step: number, steps: number, reductions: number[] = []): number {
  const { warmupSteps } = schedule;
  if (step < warmupSteps) return (highest(schedule) * (step + 1)) / (warmupSteps + 1);
  const done = step >= steps ? 1 : (step - warmupSteps) / (steps - warmupSteps);
  switch (schedule.kind) {
    case 'constant':
      return schedule.peak;
    case 'linear':
      return schedule.floor + (schedule.peak - schedule.floor) * (1 - done);
    case 'cosine':
      return halfWave(schedule, done);
    case 'piecewise':
      return pieceAt(schedule.pieces, step);
    case 'wsd':
      return schedule.floor + (schedule.peak - schedule.floor) * (1 - Math.sqrt(decayed(schedule, step, steps)));
    case 'inverseSquareRoot':
      return Math.max(schedule.floor, schedule.peak * Math.sqrt((warmupSteps + 1) / (step + 1)));
    case 'restarts':
      return restartedAt(schedule, step - warmupSteps);
    case 'plateau':
      return reduced(schedule, reductions.filter((at) => at <= step).length);
  }
}

/** The rate of a plateau schedule after some reductions. */
export function reduced({ peak, floor, factor }: Plateau, reductions: number): number {
  return Math.max(floor, peak * factor ** reductions);
}

// ---------------------------------------------------------------------------------------------------------------------

/** Where the warm-up leads: the rate that comes right after it. */
function highest(schedule: Schedule): number {
  return schedule.kind === 'piecewise' ? pieceAt(schedule.pieces, schedule.warmupSteps) : schedule.peak;
}

function halfWave({ peak, floor }: { peak: number; floor: number }, done: number): number {
  return floor + ((peak - floor) * (1 + Math.cos(Math.PI * done))) / 2;
}

function pieceAt(pieces: { from: number; rate: number }[], step: number): number {
  return pieces.findLast(({ from }) => from <= step)!.rate;
}

/** Share of the decay that is done, from 0 until it begins to 1 at `steps`. */
function decayed(
  { warmupSteps, decayShare }: { warmupSteps: number; decayShare: number },
  step: number,
  steps: number,
): number {
  const begins = Math.max(warmupSteps, steps - Math.round(decayShare * steps));
  if (step >= steps) return 1;
  return step <= begins ? 0 : (step - begins) / (steps - begins);
}

function restartedAt(
  { peak, floor, periodSteps, stretch, shrink }: Extract<Schedule, { kind: 'restarts' }>,
  step: number,
): number {
  let [left, length, top] = [step, periodSteps, peak];
  for (; left >= length; length *= stretch, top *= shrink) left -= length;
  return halfWave({ peak: Math.max(floor, top), floor }, left / length);
}
