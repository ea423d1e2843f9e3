import type { TrainingState } from '../../src/artifacts/checkpoint/training-state.ts';
import { afterValidation } from '../../src/lm/training/plateau.ts';
import { reduced } from '../../src/lm/training/schedule.ts';
import { count } from './params/count.ts';
import type { Context } from './params/params.ts';

/**
 * Takes note of a validation loss of the mix: a plateau schedule may lower its rate. Gives what belongs into the
 * metrics.
 */
export function reduceOnPlateau(
  { params: { schedule, steps }, emit }: Context,
  state: TrainingState,
  loss: number,
): Record<string, number> {
  if (schedule.kind !== 'plateau' || state.step >= steps) return {};
  const made = state.plateau.reductions.length;
  state.plateau = afterValidation(schedule, state.plateau, state.step, loss);
  if (state.plateau.reductions.length === made) return {};
  const rates = [made, made + 1].map((reductions) => Number(reduced(schedule, reductions).toPrecision(3))).join(' → ');
  emit({
    kind: 'note',
    text: `rate ${rates} after step ${count(state.step)}: the validation loss did not fall ${schedule.patience} times in a row`,
  });
  return { 'train/rate_reductions': made + 1 };
}
