import type { MetricsFile } from '../../src/artifacts/checkpoint/metrics-file.ts';
import type { Batches } from '../../src/lm/data/batches.ts';
import type { Input } from './inputs.ts';
import type { Context } from './params/params.ts';

/**
 * Into the file, which holds every step; and to the listeners, if this step is one of those they are told of. What is
 * not finite has no place there.
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

/** Targets seen, and passes over the mix; with several inputs also over each. */
export function progressOf(step: number, batches: Batches, inputs: Input[]): Record<string, number> {
  const drawn = batches.drawnBefore(step);
  const windows = batches.windowsPerEpoch;
  const values: Record<string, number> = {
    'train/tokens_seen': batches.targetsBefore(step),
    'train/epoch': batches.epochsBefore(step),
  };
  if (inputs.length > 1)
    inputs.forEach(({ name }, place) => (values[`train/epoch/${name}`] = drawn[place]! / windows[place]!));
  return values;
}

export function asScalars(values: Record<string, number>): Record<string, Float32Array> {
  return Object.fromEntries(Object.entries(values).map(([name, value]) => [name, Float32Array.of(value)]));
}
