import type { ModelLayout } from '../model/architecture.ts';
import type { Precision } from '../ops/precision.ts';

/** The properties of a training run that determine its memory. */
export interface MemoryShape {
  model: ModelLayout;
  /** sequences per batch */
  batchSize: number;
  /** numbers in the optimizer's state per weight: 2 for AdamW */
  memoryPerWeight: number;
  precision: Precision;
  recomputeEvery: number;
  lossRows: number;
  /** whether gradients are summed over several batches of a step */
  accumulates?: boolean;
}

/** Parts of the peak, in bytes; all are in memory at the same time. */
export interface MemoryParts {
  /** the process, the TensorFlow library, and memory left over from compiling */
  program: number;
  weights: number;
  moments: number;
  gradients: number;
  /** values that blocks keep for the backward pass */
  activations: number;
  logits: number;
}

/**
 * The peak memory of training with the `tensorflow` engine, in parts. Computed from the shapes and a few factors for
 * how XLA and TensorFlow allocate memory, which were fitted to measured peaks (`npm run bench train -- --memory`). The
 * error is within 15 %.
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
 * `program`: bytes of the process. `code`: bytes of compiled code per layer. `logit`: bytes per logit. The others are
 * factors: `gradients`, of the weights; `tables` and `sums` (for adding up blocks of logits), of the embedding.
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
