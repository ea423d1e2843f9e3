import { measured, UNMEASURED, type Stall } from './stall.ts';

/**
 * The seed's own trick: whenever the loss on one's own text stops falling, train a while on another text, then come
 * back. A machine of pure functions: all decisions are in its state, so a resumed run decides as the undisturbed one
 * did.
 */
export interface DetourRule {
  /** validations in a row without a loss that is lower by more than `minDelta` */
  patience: number;
  minDelta: number;
  /** updates of one detour */
  steps: number;
  /** detours in all */
  max: number;
}

export interface DetourState extends Stall {
  /** the updates spent away, in order: after `from` finished ones it leaves, after `to` it is back */
  taken: { from: number; to: number }[];
}

export const NO_DETOUR: DetourState = { ...UNMEASURED, taken: [] };

/**
 * The state after the validation that follows `step` finished updates. A detour that begins is the last of `taken`, its
 * `from` this step.
 */
export function afterValidation(
  rule: DetourRule,
  state: DetourState,
  { step, loss }: { step: number; loss: number },
): DetourState {
  if (isOnDetourAt(state, step)) return state;
  const { best, stalled } = measured(state, loss, rule.minDelta);
  if (stalled < rule.patience || state.taken.length >= rule.max) return { ...state, best, stalled };
  // A loss after the way back is compared with the first one there, not with one from before: the main text was half forgotten meanwhile.
  return { ...UNMEASURED, taken: [...state.taken, { from: step, to: step + rule.steps }] };
}

/** Whether the update that follows `step` finished ones is made on the other text. */
export function isOnDetourAt({ taken }: DetourState, step: number): boolean {
  return taken.some(({ from, to }) => step >= from && step < to);
}
