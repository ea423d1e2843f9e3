import { count } from './count.ts';
import type { WrittenParams } from './params.ts';

/**
 * Why trainings cannot be paused and compared at this step, or null. A training must not be over by then, and must have
 * just measured the metric.
 */
export function pauseFault({ steps, validateEvery }: WrittenParams, step: number, metric: string): string | null {
  if (step >= steps)
    return `a training of ${count(steps)} steps is over by step ${count(step)}: every rung must be before the end`;
  if (!/^(eval|best)\//.test(metric)) return null;
  if (validateEvery === 0) return `without validations (validateEvery: 0) there is no ${metric} at step ${count(step)}`;
  if (step % validateEvery === 0) return null;
  return `step ${count(step)} has no validation (validateEvery: ${count(validateEvery)}), so there is no ${metric} to compare; step ${count(Math.max(1, Math.round(step / validateEvery)) * validateEvery)} has one`;
}
