import type { MetricsFile } from '../../src/artifacts/checkpoint/metrics-file.ts';
import type { Batches } from '../../src/lm/data/batches.ts';
import type { Input } from './inputs.ts';
import type { Context } from './params/params.ts';

/**
 * Writes metrics to the file, which covers every step, and emits them unless `emit` is null. Leaves out numbers that
 * are not finite.
 */
export function record(
  metrics: MetricsFile,
  emit: Context['emit'] | null,
  step: number,
  values: Record<string, number>,
): void {
  const finite = Object.entries(values).filter(([, value]) => Number.isFinite(value));
  const lines = finite.map(([name, value]) => ({ step, name, value: Number(value.toPrecision(9)) }));
  metrics.append(lines);
  for (const line of emit ? lines : []) emit!({ kind: 'metric', ...line });
}

/** Targets seen and passes over the mix; with several inputs, also passes over each of them. */
export function progressOf(step: number, batches: Batches, inputs: Input[]): Record<string, number> {
  const drawn = batches.drawnBefore(step);
  const windows = batches.windowsPerEpoch;
  const values: Record<string, number> = {
    'train/tokens_seen': batches.targetsBefore(step),
    'train/epoch': batches.epochsBefore(step),
  };
  if (inputs.length > 1) inputs.forEach(({ name }, i) => (values[`train/epoch/${name}`] = drawn[i]! / windows[i]!));
  return values;
}
