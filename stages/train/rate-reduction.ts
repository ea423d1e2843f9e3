import type { TrainingState } from '../../src/artifacts/checkpoint/training-state.ts';
import { reduced } from '../../src/lm/training/schedule.ts';
import { count } from './params/count.ts';
import type { Context } from './params/params.ts';

/** If a plateau schedule lowered its rate after this validation: emits a note and returns the metrics, else none. */
export function rateReduction(
  { params: { schedule }, emit }: Context,
  before: TrainingState,
  after: TrainingState,
): Record<string, number> {
  const reductions = after.plateau.reductions.length;
  if (schedule.kind !== 'plateau' || reductions === before.plateau.reductions.length) return {};
  const rates = [reductions - 1, reductions]
    .map((number) => Number(reduced(schedule, number).toPrecision(3)))
    .join(' → ');
  emit({
    kind: 'note',
    text: `rate ${rates} after step ${count(after.step)}: the held-out loss did not fall${schedule.patience === 1 ? '' : ` in ${schedule.patience} validations in a row`}`,
  });
  return { 'train/rate_reductions': reductions };
}
