import type { TensorSource } from '../../src/artifacts/checkpoint/safetensors.ts';
import type { TrainingState } from '../../src/artifacts/checkpoint/training-state.ts';
import { afterStep, limitsOf } from '../../src/lm/training/guards.ts';
import { updateScalars } from '../../src/lm/optimizer/optimizer.ts';
import { StageInputError } from '../../src/pipeline/stage-kind.ts';
import { count } from './params/count.ts';
import type { Context, Params } from './params/params.ts';
import type { Update } from './update.ts';

/**
 * What the next update is told. A step that was not applied left the optimizer where it was, so it is no update that it
 * counts.
 */
export function updateNumbers(
  { optimizer, guards }: Pick<Params, 'optimizer' | 'guards'>,
  state: Pick<TrainingState, 'step' | 'guard'>,
  rate: number,
): Record<string, number> {
  return { ...updateScalars(optimizer, rate, state.step - state.guard.skipped), ...limitsOf(guards, state.guard) };
}

/**
 * Takes note of a step that is finished, gives what belongs into its metrics, tells of one that was not applied, and
 * ends a training in which too many in a row were broken.
 */
export function guarded(
  { params, emit }: Context,
  state: TrainingState,
  result: Awaited<ReturnType<Update>>,
  checkpointsDir: string,
): Record<string, number> {
  const limits = limitsOf(params.guards, state.guard);
  state.guard = afterStep(params.guards, state.guard, result);
  if (result.applied) return {};
  const { inARow, skipped } = state.guard;
  const [name, value, limit] =
    result.loss <= limits.lossLimit
      ? (['gradient norm', result.gradientNorm, limits.normLimit] as const)
      : (['loss', result.loss, limits.lossLimit] as const);
  if (inARow >= params.guards.stopAfter) {
    const row = inARow === 1 ? '' : `, as one of the two was in ${inARow} steps in a row`;
    throw new StageInputError(
      `training broke down at step ${state.step}: its ${name} is ${value}${row}`,
      breakdownHint(checkpointsDir),
    );
  }
  const why = Number.isFinite(value) ? `${value.toPrecision(4)}, an outlier above ${limit.toPrecision(4)}` : value;
  emit({ kind: 'warning', text: `step ${count(state.step)} was not applied: its ${name} is ${why}` });
  return { 'train/skipped_steps': skipped };
}

/** A loss on held-out text that is no number can only come from broken weights: there is nothing to wait for. */
export function checkValidation(loss: number, step: number, checkpointsDir: string): void {
  if (!Number.isFinite(loss))
    throw new StageInputError(
      `training broke down at step ${step}: its validation loss is ${loss}`,
      breakdownHint(checkpointsDir),
    );
}

/**
 * The same tensors, none of which can be read with a number in it that is not finite: a broken checkpoint never takes a
 * good one's place.
 */
export function finiteOnly(tensors: TensorSource[], step: number, checkpointsDir: string): TensorSource[] {
  return tensors.map((tensor) => ({
    ...tensor,
    read: async () => {
      const values = await tensor.read();
      if (!allFinite(values))
        throw new StageInputError(
          `training broke down at step ${step}: its ${tensor.name} holds numbers that are not finite`,
          breakdownHint(checkpointsDir),
        );
      return values;
    },
  }));
}

function allFinite(values: Float32Array): boolean {
  let zero = 0;
  for (let i = 0; i < values.length; i++) zero += values[i]! * 0;
  return zero === 0;
}

function breakdownHint(checkpointsDir: string): string {
  return `lower schedule.peak or lengthen schedule.warmupSteps; the last checkpoint before is kept in ${checkpointsDir}`;
}
