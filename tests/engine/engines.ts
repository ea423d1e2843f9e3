import type { TestContext } from 'node:test';
import type { Engine } from '../../src/engine/engine.ts';
import { findTensorFlow } from '../../src/engine/tensorflow/install/install.ts';
import { openTensorFlowEngine } from '../../src/engine/tensorflow/tensorflow-engine.ts';
import { openTfjsEngine } from '../../src/engine/tfjs/tfjs-engine.ts';

export type EngineName = 'tfjs' | 'graph' | 'xla';

export const engineNames: EngineName[] = ['tfjs', 'graph', 'xla'];

const found = findTensorFlow();

/** For node's test options: why tests on TensorFlow cannot run here, or false. */
export const withoutTensorFlow: string | false = found
  ? false
  : "TensorFlow's library is not installed (./runner setup)";

export const tensorFlowDir: string = found?.dir ?? '';

/** Opens an engine that is closed after the test. */
export async function openForTest(context: TestContext, name: EngineName): Promise<Engine> {
  const engine =
    name === 'tfjs'
      ? await openTfjsEngine()
      : await openTensorFlowEngine({ libraryDir: tensorFlowDir, threads: 2, xla: name === 'xla' });
  context.after(() => engine.close());
  return engine;
}

/** Numbers between `low` and `high`, the same in every run (a linear congruential generator). */
export function numbers(count: number, low: number, high: number, seed = 1): Float32Array {
  let state = (seed * 2654435761) >>> 0;
  return Float32Array.from({ length: count }, () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return low + (high - low) * (state / 2 ** 32);
  });
}

/** The largest difference, relative to the largest expected magnitude of the whole array. */
export function relativeDifference(actual: Float32Array, expected: Float32Array): number {
  if (actual.length !== expected.length) return Infinity;
  let difference = 0;
  let scale = 1e-6;
  actual.forEach((value, i) => {
    const other = expected[i]!;
    if (Number.isNaN(value) !== Number.isNaN(other)) difference = Infinity;
    else if (value !== other && !Number.isNaN(value)) difference = Math.max(difference, Math.abs(value - other));
    if (Number.isFinite(other)) scale = Math.max(scale, Math.abs(other));
  });
  return difference / scale;
}
