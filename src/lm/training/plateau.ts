import { reduced, type Plateau } from './schedule.ts';

/** State of a plateau schedule; part of a checkpoint. */
export interface PlateauState {
  /** lowest validation loss that counted as an improvement, in nats; null before the first */
  best: number | null;
  /** validations in a row without improvement */
  waited: number;
  /** number of following validations that do not count */
  cooling: number;
  /** finished steps at each reduction, oldest first */
  reductions: number[];
}

export const NO_PLATEAU: PlateauState = { best: null, waited: 0, cooling: 0, reductions: [] };

/**
 * The state after the validation that follows `step` finished steps. The rules are those of PyTorch's ReduceLROnPlateau
 * with an absolute threshold, except that a reduction comes after `patience` validations without improvement, not after
 * one more than that. Validations during the warm-up only update the best loss. A rate at the floor is not reduced.
 */
export function afterValidation(schedule: Plateau, state: PlateauState, step: number, loss: number): PlateauState {
  const improved = state.best === null || loss < state.best - schedule.minDelta;
  const best = improved ? loss : state.best;
  if (state.cooling > 0 || step <= schedule.warmupSteps)
    return { ...state, best, waited: 0, cooling: Math.max(0, state.cooling - 1) };
  const waited = improved ? 0 : state.waited + 1;
  const count = state.reductions.length;
  if (waited < schedule.patience || reduced(schedule, count + 1) === reduced(schedule, count))
    return { ...state, best, waited };
  return { best, waited: 0, cooling: schedule.cooldown, reductions: [...state.reductions, step] };
}
