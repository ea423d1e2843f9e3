export interface Guards {
  /** training stops after this many steps in a row with a loss or gradient that is not finite */
  stopAfter: number;
  /** a loss or gradient norm more than this many standard deviations above the recent mean is an outlier; 0: none is */
  skipOutliers: number;
}

/** State of the guards; part of a checkpoint. */
export interface GuardState {
  /** total number of steps that were not applied */
  skipped: number;
  /** number of latest steps in a row that were not finite */
  inARow: number;
  /** finite losses of the last steps, oldest first, and gradient norms; empty unless outliers are skipped */
  losses: number[];
  norms: number[];
}

/** The value of llm.c; the deviation of fewer values is unreliable. */
export const OUTLIER_WINDOW = 128;

/** The largest float32: only infinity is above it, and NaN fails every comparison. */
export const NO_LIMIT = 3.4028234663852886e38;

export const NO_SKIPS: GuardState = { skipped: 0, inARow: 0, losses: [], norms: [] };

/** The maximum loss and gradient norm for the next step to be applied, as float32 values, which are then compared. */
export function limitsOf(
  { skipOutliers }: Guards,
  { losses, norms }: GuardState,
): { lossLimit: number; normLimit: number } {
  return { lossLimit: limit(losses, skipOutliers), normLimit: limit(norms, skipOutliers) };
}

/**
 * The state after a step. A finite outlier is added to the window although it was skipped, so that training recovers by
 * itself after a lasting change of level. It also ends a row of steps that are not finite.
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
