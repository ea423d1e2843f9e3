import { reduced, type Plateau } from './schedule.ts';

/** What a plateau schedule goes by; part of a checkpoint. */
export interface PlateauState {
  /** lowest validation loss that counted as an improvement, in nats; null before the first */
  best: number | null;
  /** validations in a row without improvement */
  waited: number;
  /** validations yet to pass that are not counted */
  cooling: number;
  /** finished steps at each reduction, oldest first */
  reductions: number[];
}

export const NO_PLATEAU: PlateauState = { best: null, waited: 0, cooling: 0, reductions: [] };

/**
 * The state after the validation that follows `step` finished steps. The rules are those of PyTorch's ReduceLROnPlateau
 * with an absolute threshold, but that `patience` is the number of validations that were waited through, one more than
 * there; validations during the warm-up only set the best. Nothing is reduced that stands at the floor.
 */
export function afterValidation(schedule: Plateau, state: PlateauState, step: number, loss: number): PlateauState {
  const improved = state.best === null || loss < state.best - schedule.minDelta;
  const best = improved ? loss : state.best;
  if (state.cooling > 0 || step <= schedule.warmupSteps)
    return { ...state, best, waited: 0, cooling: Math.max(0, state.cooling - 1) };
  const waited = improved ? 0 : state.waited + 1;
  const made = state.reductions.length;
  if (waited < schedule.patience || reduced(schedule, made + 1) === reduced(schedule, made))
    return { ...state, best, waited };
  return { best, waited: 0, cooling: schedule.cooldown, reductions: [...state.reductions, step] };
}
