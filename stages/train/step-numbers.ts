import type { TrainingState } from '../../src/artifacts/checkpoint/training-state.ts';
import { updateScalars } from '../../src/lm/optimizer/optimizer.ts';
import { limitsOf } from '../../src/lm/training/guards.ts';
import { rateAt } from '../../src/lm/training/schedule.ts';
import { isOnDetour } from './next-state.ts';
import type { Params } from './params/params.ts';

/** Numbers that the next update depends on, besides its batch. */
export interface StepNumbers {
  /** learning rate of the schedule or the detour */
  rate: number;
  /** loss and gradient norm above which the update is not applied */
  limits: { lossLimit: number; normLimit: number };
  /** all scalar inputs of the update program, by name */
  scalars: Record<string, number>;
}

export function stepNumbers(
  {
    schedule,
    steps,
    detour,
    optimizer,
    guards,
  }: Pick<Params, 'schedule' | 'steps' | 'detour' | 'optimizer' | 'guards'>,
  state: TrainingState,
): StepNumbers {
  const scheduled = rateAt(schedule, state.step, steps, state.plateau.reductions);
  const rate = isOnDetour(state) ? (detour?.rate ?? scheduled) : scheduled;
  const limits = limitsOf(guards, state.guard);
  // A skipped step does not change the optimizer, so it does not count as an update.
  const updates = state.step - state.guard.skipped;
  return { rate, limits, scalars: { ...updateScalars(optimizer, rate, updates), ...limits } };
}
