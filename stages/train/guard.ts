import type { TensorSource } from '../../src/artifacts/checkpoint/safetensors.ts';
import type { TrainingState } from '../../src/artifacts/checkpoint/training-state.ts';
import { StageInputError } from '../../src/pipeline/stage-kind.ts';
import { count } from './params/count.ts';
import type { Context } from './params/params.ts';
import type { StepNumbers } from './step-numbers.ts';
import type { UpdateResult } from './update.ts';

/**
 * The metrics of a finished step. `limits` are those that applied to it. Warns if the step was not applied; throws if
 * too many steps in a row had numbers that are not finite.
 */
export function guardMetrics(
  { params, emit }: Context,
  state: TrainingState,
  { result, limits, checkpointsDir }: { result: UpdateResult; limits: StepNumbers['limits']; checkpointsDir: string },
): Record<string, number> {
  if (result.applied) return {};
  const { inARow, skipped } = state.guard;
  const [name, value, limit] =
    result.loss <= limits.lossLimit
      ? (['gradient norm', result.gradientNorm, limits.normLimit] as const)
      : (['loss', result.loss, limits.lossLimit] as const);
  if (inARow >= params.guards.stopAfter) {
    const row = inARow === 1 ? '' : `, and ${inARow} steps in a row had a loss or gradient norm that is not finite`;
    throw new StageInputError(
      `training broke down at step ${state.step}: the ${name} is ${value}${row}`,
      breakdownHint(checkpointsDir),
    );
  }
  const why = Number.isFinite(value) ? `${value.toPrecision(4)}, an outlier above ${limit.toPrecision(4)}` : value;
  emit({ kind: 'warning', text: `step ${count(state.step)} was not applied: its ${name} is ${why}` });
  return { 'train/skipped_steps': skipped };
}

/** Throws for a validation loss that is not finite: it can only come from broken weights. */
export function checkValidation(loss: number, step: number, checkpointsDir: string): void {
  if (!Number.isFinite(loss))
    throw new StageInputError(
      `training broke down at step ${step}: the held-out loss is ${loss}`,
      breakdownHint(checkpointsDir),
    );
}

/**
 * The same tensors, but reading one that contains a number that is not finite throws, so a broken checkpoint never
 * replaces a good one.
 */
export function finiteOnly(tensors: TensorSource[], step: number, checkpointsDir: string): TensorSource[] {
  return tensors.map((tensor) => ({
    ...tensor,
    read: async () => {
      const values = await tensor.read();
      if (!allFinite(values))
        throw new StageInputError(
          `training broke down at step ${step}: ${tensor.name} contains numbers that are not finite`,
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
  return `lower schedule.peak or raise schedule.warmupSteps; the last good checkpoint is in ${checkpointsDir}`;
}
