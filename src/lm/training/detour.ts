import { measured, UNMEASURED, type Stall } from './stall.ts';

/**
 * The trick of the 2019 blog post that this project reproduces: whenever the loss on the main text stops falling, train
 * on another text for a while, then return. A state machine of pure functions: all decisions are in its state, so a
 * resumed run makes the same decisions as an uninterrupted one.
 */
export interface DetourRule {
  /** validations in a row without a loss that is lower by more than `minDelta` */
  patience: number;
  minDelta: number;
  /** updates of one detour */
  steps: number;
  /** maximum number of detours */
  max: number;
}

export interface DetourState extends Stall {
  /** detours in order: each begins after `from` finished updates and is over after `to` */
  taken: { from: number; to: number }[];
}

export const NO_DETOUR: DetourState = { ...UNMEASURED, taken: [] };

/**
 * The state after the validation that follows `step` finished updates. If a detour begins, it is the last one of
 * `taken`, and its `from` is this step.
 */
export function afterValidation(
  rule: DetourRule,
  state: DetourState,
  { step, loss }: { step: number; loss: number },
): DetourState {
  if (isOnDetourAt(state, step)) return state;
  const { best, stalled } = measured(state, loss, rule.minDelta);
  if (stalled < rule.patience || state.taken.length >= rule.max) return { ...state, best, stalled };
  // After a detour, the best loss starts over, because the model has forgotten half of the main text in the meantime.
  return { ...UNMEASURED, taken: [...state.taken, { from: step, to: step + rule.steps }] };
}

/** Whether the update that follows `step` finished updates trains on the other text. */
export function isOnDetourAt({ taken }: DetourState, step: number): boolean {
  return taken.some(({ from, to }) => step >= from && step < to);
}
