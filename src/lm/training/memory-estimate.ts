import type { ModelLayout } from '../model/architecture.ts';
import type { Precision } from '../ops/precision.ts';

/** What a training's memory depends on. */
export interface MemoryShape {
  model: ModelLayout;
  /** sequences computed at once */
  batchSize: number;
  /** numbers in the optimizer's state for each weight: 2 for AdamW */
  memoryPerWeight: number;
  precision: Precision;
  recomputeEvery: number;
  lossRows: number;
  /** whether gradients are summed over several batches of a step */
  accumulates?: boolean;
}

/** Parts of the peak, in bytes, all in memory at the same moment. */
export interface MemoryParts {
  /** the process, TensorFlow's library, and what compiling leaves behind */
  program: number;
  weights: number;
  moments: number;
  gradients: number;
  /** what blocks keep for the backward pass */
  activations: number;
  logits: number;
}

/**
 * The most that a training will need at once on the `tensorflow` engine, part by part. Counted from the shapes; the few
 * factors that come from how XLA and TensorFlow lay things out were fitted to measured peaks (`npm run bench train --
 * --memory`), and hold within 15 %.
 */
export function memoryParts({
  model,
  batchSize,
  memoryPerWeight,
  precision,
  recomputeEvery,
  lossRows,
  accumulates = false,
}: MemoryShape): MemoryParts {
  const { layers, width: C, context: T, vocabularySize: V } = model.config;
  const N = batchSize * T;
  const weights = 4 * weightCount(model);
  const table = 4 * V * C;
  const half = precision === 'bf16';
  const { kept, working } = model.blockMemory({ batchSize, precision });
  const inputs = recomputeEvery === 0 ? 0 : 4 * N * C * Math.ceil(layers / recomputeEvery);
  const logitRows = lossRows === 0 ? N : Math.min(lossRows, N);
  return {
    program: fitted.program + layers * (recomputeEvery === 0 ? fitted.code : fitted.codeTwice),
    weights: weights + (half ? weights / 2 : 0),
    moments: memoryPerWeight * weights,
    gradients:
      weights * (half ? fitted.gradientsBf16 : fitted.gradientsFp32) +
      table * fitted.tables +
      (accumulates ? weights : 0),
    activations: (recomputeEvery === 0 ? layers : Math.min(recomputeEvery, layers)) * kept + working + inputs,
    logits:
      logitRows * V * (half ? fitted.logitBf16 : fitted.logitFp32) +
      (lossRows === 0 ? 0 : table * (half ? fitted.sumsBf16 : fitted.sumsFp32)),
  };
}

export function estimatedPeakBytes(shape: MemoryShape): number {
  return Object.values(memoryParts(shape) as unknown as Record<string, number>).reduce((sum, part) => sum + part, 0);
}

/**
 * Bytes: of the process; of a layer's compiled code; for each of the logits. Times: gradients that exist at once;
 * tables the size of the embedding, and those in which blocks of logits are added up.
 */
const fitted = {
  program: 572e6,
  code: 4e6,
  codeTwice: 10e6,
  gradientsFp32: 1.26,
  gradientsBf16: 0.73,
  tables: 1.5,
  logitFp32: 7.9,
  logitBf16: 8.1,
  sumsFp32: 2,
  sumsBf16: 8,
};

function weightCount({ weightShapes }: ModelLayout): number {
  return Object.values(weightShapes).reduce(
    (sum, shape) => sum + shape.reduce((product, length) => product * length, 1),
    0,
  );
}
