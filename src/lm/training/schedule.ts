/** Learning rate during training. `peak` and `floor` are rates; names that end in `Steps` are numbers of steps. */
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

/** Reduces the rate on a plateau of the validation loss; its state is in plateau.ts. */
export interface Plateau {
  kind: 'plateau';
  peak: number;
  floor: number;
  warmupSteps: number;
  /** each reduction multiplies the rate by this */
  factor: number;
  /** validations in a row without improvement before a reduction */
  patience: number;
  /** validations after a reduction that do not count */
  cooldown: number;
  /** nats by which a validation loss must be below the best to be an improvement */
  minDelta: number;
}

/**
 * The rate of the update that follows `step` finished updates; `step` is from 0 to `steps` - 1. A pure function of the
 * step and, for `plateau`, of the recorded steps of its reductions.
 *
 * 1. Warm-up: the first `warmupSteps` updates rise in equal parts, (step + 1) / (warmupSteps + 1) of the peak, so that the
 *    first is not wasted at rate zero, and the peak comes right after the warm-up (nanoGPT's rule).
 * 2. From the peak, `linear` falls in a straight line and `cosine` in half a wave. They would reach the floor at step
 *    `steps`; from there on, the rate is the floor. `wsd` stays at the peak, and falls by 1 − √(share done) in the last
 *    `decayShare` of the training (llm.c's rule).
 * 3. `inverseSquareRoot` falls with 1/√(step + 1) to the floor, scaled to be at the peak right after the warm-up.
 *    `restarts` has periods, from the end of the warm-up on, of half a wave from peak to floor. The first takes
 *    `periodSteps`; each later one is `stretch` times as long and begins at `shrink` times the peak of the one before
 *    (Loshchilov and Hutter, "SGDR", 2017). `piecewise` has the rates of its pieces.
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
      return reduced(schedule, reductions.filter((reductionStep) => reductionStep <= step).length);
  }
}

/** The rate of a plateau schedule after a number of reductions. */
export function reduced({ peak, floor, factor }: Plateau, reductions: number): number {
  return Math.max(floor, peak * factor ** reductions);
}

// ---------------------------------------------------------------------------------------------------------------------

/** The rate right after the warm-up. */
function highest(schedule: Schedule): number {
  return schedule.kind === 'piecewise' ? pieceAt(schedule.pieces, schedule.warmupSteps) : schedule.peak;
}

function halfWave({ peak, floor }: { peak: number; floor: number }, done: number): number {
  return floor + ((peak - floor) * (1 + Math.cos(Math.PI * done))) / 2;
}

function pieceAt(pieces: { from: number; rate: number }[], step: number): number {
  return pieces.findLast(({ from }) => from <= step)!.rate;
}

/** The finished share of the decay, which is 0 until the decay begins and 1 at `steps`. */
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
