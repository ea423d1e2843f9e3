import type { TrainingState } from '../../src/artifacts/checkpoint/training-state.ts';
import { afterValidation as detourAfter, isOnDetourAt, NO_DETOUR } from '../../src/lm/training/detour.ts';
import { afterStep as guardAfter, NO_SKIPS } from '../../src/lm/training/guards.ts';
import { afterValidation as plateauAfter, NO_PLATEAU } from '../../src/lm/training/plateau.ts';
import { UNMEASURED } from '../../src/lm/training/stall.ts';
import { stallAfter } from '../../src/lm/training/stop-rule.ts';
import type { Params } from './params/params.ts';
import type { UpdateResult } from './update.ts';

// Pure functions that compute the next state. Only `stages/train.ts` assigns it.

export const FIRST_STATE: TrainingState = {
  version: 1,
  step: 0,
  validationDue: true,
  metricsBytes: 0,
  best: null,
  guard: NO_SKIPS,
  plateau: NO_PLATEAU,
};

export function afterStep({ guards }: Params, state: TrainingState, result: UpdateResult): TrainingState {
  return { ...state, step: state.step + 1, guard: guardAfter(guards, state.guard, result) };
}

/**
 * The state after a validation. `loss` is the validation loss of the mix, in nats. It may lower the rate of a plateau
 * schedule, begin a detour, or use up the patience of `stop`. During a detour it only counts as a possible best loss.
 */
export function afterValidation(
  { schedule, steps, detour, stop }: Params,
  state: TrainingState,
  loss: number,
): TrainingState {
  const { step } = state;
  const best = state.best === null || loss < state.best.loss ? { step, loss } : state.best;
  if (isOnDetour(state)) return { ...state, best };
  const isOver = step >= steps;
  return {
    ...state,
    best,
    ...(schedule.kind === 'plateau' && !isOver ? { plateau: plateauAfter(schedule, state.plateau, step, loss) } : {}),
    ...(stop?.patience === undefined ? {} : { stall: stallAfter(stop, state.stall ?? UNMEASURED, loss) }),
    ...(detour && !isOver ? { detour: detourAfter(detour, state.detour ?? NO_DETOUR, { step, loss }) } : {}),
  };
}

/** Whether the update that follows `step` finished updates trains on the detour's text. */
export function isOnDetour(state: TrainingState, step: number = state.step): boolean {
  return isOnDetourAt(state.detour ?? NO_DETOUR, step);
}
