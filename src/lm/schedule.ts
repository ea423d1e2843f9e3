/** Learning rate over training. `peak` and `floor` are rates, `warmupSteps` a number of steps. */
export type Schedule =
  | { kind: 'constant'; peak: number; warmupSteps: number }
  | { kind: 'linear'; peak: number; floor: number; warmupSteps: number }
  | { kind: 'cosine'; peak: number; floor: number; warmupSteps: number };

/**
 * The rate of the update that follows `step` finished ones; `step` runs from 0 to `steps` - 1.
 *
 * 1. Warm-up: the first `warmupSteps` updates climb in equal parts, (step + 1) / (warmupSteps + 1) of the peak, so that the
 *    first is not wasted at rate zero and the peak itself comes right after (nanoGPT's rule).
 * 2. From the peak, `linear` falls in a straight line and `cosine` in half a wave. They would reach the floor at step `steps`.
 * 3. At and beyond `steps` the rate is the floor.
 */
export function rateAt(schedule: Schedule, step: number, steps: number): number {
  const { peak, warmupSteps } = schedule;
  if (step < warmupSteps) return (peak * (step + 1)) / (warmupSteps + 1);
  const done = step >= steps ? 1 : (step - warmupSteps) / (steps - warmupSteps);
  switch (schedule.kind) {
    case 'constant':
      return peak;
    case 'linear':
      return schedule.floor + (peak - schedule.floor) * (1 - done);
    case 'cosine':
      return schedule.floor + ((peak - schedule.floor) * (1 + Math.cos(Math.PI * done))) / 2;
  }
}
