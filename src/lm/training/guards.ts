export interface Guards {
  /** steps in a row with a loss or gradient that is not a number, after which training stops */
  stopAfter: number;
  /** standard deviations above the last steps' mean from which on a loss or gradient norm is an outlier; 0: none is */
  skipOutliers: number;
}

/** What the guards remember; part of a checkpoint. */
export interface GuardState {
  /** steps that were not applied, ever */
  skipped: number;
  /** not finite, in a row, until now */
  inARow: number;
  /** finite losses of the last steps, oldest first, and gradient norms; kept only where outliers are looked for */
  losses: number[];
  norms: number[];
}

/** llm.c's: fewer values make a poor yardstick. */
export const OUTLIER_WINDOW = 128;

/** The largest number that a float32 holds: above it is only infinity, and NaN is below nothing. */
export const NO_LIMIT = 3.4028234663852886e38;

export const NO_SKIPS: GuardState = { skipped: 0, inARow: 0, losses: [], norms: [] };

/**
 * What loss and gradient norm may be, at most, for the next step to be applied: float32 values, as they are compared
 * in.
 */
export function limitsOf(
  { skipOutliers }: Guards,
  { losses, norms }: GuardState,
): { lossLimit: number; normLimit: number } {
  return { lossLimit: limit(losses, skipOutliers), normLimit: limit(norms, skipOutliers) };
}

/**
 * The state after a step. A finite outlier joins the window although it was skipped, so that after a lasting change of
 * level training goes on by itself; it is no break in training, so it ends a row of broken steps.
 */
export function afterStep(
  { skipOutliers }: Guards,
  state: GuardState,
  { loss, gradientNorm, applied }: { loss: number; gradientNorm: number; applied: boolean },
): GuardState {
  const finite = Number.isFinite(loss) && Number.isFinite(gradientNorm);
  const remember = (window: number[], value: number): number[] =>
    finite && skipOutliers > 0 ? [...window, value].slice(-OUTLIER_WINDOW) : window;
  return {
    skipped: state.skipped + (applied ? 0 : 1),
    inARow: finite ? 0 : state.inARow + 1,
    losses: remember(state.losses, loss),
    norms: remember(state.norms, gradientNorm),
  };
}

function limit(window: number[], deviations: number): number {
  if (deviations === 0 || window.length < OUTLIER_WINDOW) return NO_LIMIT;
  const mean = window.reduce((sum, value) => sum + value, 0) / window.length;
  const variance = window.reduce((sum, value) => sum + (value - mean) ** 2, 0) / window.length;
  return Math.fround(Math.min(NO_LIMIT, mean + deviations * Math.sqrt(variance)));
}
