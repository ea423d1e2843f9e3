import { type Gpt2Config, weightShapes } from './gpt2.ts';
import type { Precision } from './precision.ts';

/** What a training's memory depends on. */
export interface MemoryShape {
  model: Gpt2Config;
  /** sequences computed at once */
  batchSize: number;
  /** numbers that the optimizer remembers for each weight: 2 for AdamW */
  memoryPerWeight: number;
  precision: Precision;
  recomputeEvery: number;
  lossRows: number;
  /** whether sums of gradients live between the batches of a step */
  accumulates?: boolean;
}

/** Parts of the peak, in bytes; they lie in memory at the same moment. */
export interface MemoryParts {
  /** the process, TensorFlow's library, and what compiling leaves behind */
  program: number;
  weights: number;
  moments: number;
  gradients: number;
  /** what blocks keep for the way back */
  activations: number;
  logits: number;
}

/**
 * The most that a training will need at once on the `tensorflow` engine, part by part. Counted from the shapes; the few factors that come from
 * how XLA and TensorFlow lay things out were fitted to measured peaks (`npm run bench train -- --memory`), and hold within 15 %.
 */
export function memoryParts({ model, batchSize, memoryPerWeight, precision, recomputeEvery, lossRows, accumulates = false }: MemoryShape): MemoryParts {
  const { layers, heads, width: C, context: T, vocabularySize: V } = model;
  const N = batchSize * T;
  const weights = 4 * weightCount(model);
  const table = 4 * V * C;
  const half = precision === 'bf16';
  const scores = batchSize * heads * T * T;
  const kept = N * C * (half ? fitted.rowBf16 : fitted.rowFp32) + scores * (half ? fitted.scoreBf16 : fitted.scoreFp32);
  // Of the block that is being worked on, whether its own are kept or not.
  const working = N * C * fitted.workingRow + scores * fitted.workingScore * (half ? 0.5 : 1);
  const inputs = recomputeEvery === 0 ? 0 : 4 * N * C * Math.ceil(layers / recomputeEvery);
  const logitRows = lossRows === 0 ? N : Math.min(lossRows, N);
  return {
    program: fitted.program + layers * (recomputeEvery === 0 ? fitted.code : fitted.codeTwice),
    weights: weights + (half ? weights / 2 : 0),
    moments: memoryPerWeight * weights,
    gradients: (half ? weights / 2 : weights) + table * fitted.tables + (accumulates ? weights : 0),
    activations: (recomputeEvery === 0 ? layers : Math.min(recomputeEvery, layers)) * kept + working + inputs,
    logits: logitRows * V * (half ? fitted.logitBf16 : fitted.logitFp32) + (lossRows === 0 ? 0 : 2 * table),
  };
}

export function estimatedPeakBytes(shape: MemoryShape): number {
  return Object.values(memoryParts(shape) as unknown as Record<string, number>).reduce((sum, part) => sum + part, 0);
}

/** Bytes: of the process; of a layer's compiled code; for each number of a row [C], of the heads' scores [T, T] and of the logits; copies of the embedding. */
const fitted = {
  program: 667e6,
  code: 7e6,
  codeTwice: 16e6,
  rowFp32: 56,
  rowBf16: 9,
  scoreFp32: 2.4,
  scoreBf16: 4,
  workingRow: 10.5,
  workingScore: 41,
  tables: 1.5,
  logitFp32: 6.4,
  logitBf16: 8.7,
};

function weightCount(model: Gpt2Config): number {
  return Object.values(weightShapes(model)).reduce((sum, shape) => sum + shape.reduce((product, length) => product * length, 1), 0);
}
