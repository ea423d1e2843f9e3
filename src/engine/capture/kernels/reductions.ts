import type { ReduceOp } from '../graph-builder.ts';
import { axesOf, type Kernel, type Kernels } from '../kernel.ts';

/** tfjs calls the axes `axis`, except for Max. */
const reduction =
  (op: ReduceOp): Kernel =>
  (graph, { x }, { axis, reductionIndices, keepDims }) =>
    graph.reduce(op, x!, axesOf(axis ?? reductionIndices, x!.shape.length), Boolean(keepDims));

const cumulative =
  (op: 'sum' | 'product'): Kernel =>
  (graph, { x }, { axis, exclusive, reverse }) =>
    graph.cumulative(op, x!, axis as number, { exclusive: Boolean(exclusive), reverse: Boolean(reverse) });

const argReduction =
  (op: 'max' | 'min'): Kernel =>
  (graph, { x }, { axis }) =>
    graph.argReduce(op, x!, axis as number);

export const reductionKernels: Kernels = {
  Sum: reduction('sum'),
  Prod: reduction('product'),
  Max: reduction('max'),
  Min: reduction('min'),
  All: reduction('all'),
  Any: reduction('any'),
  // In tfjs the mean of integers is a float.
  Mean: (graph, { x }, attributes) => reduction('mean')(graph, { x: graph.cast(x!, 'float32') }, attributes),
  ArgMax: argReduction('max'),
  ArgMin: argReduction('min'),
  Cumsum: cumulative('sum'),
  Cumprod: cumulative('product'),
  TopK: (graph, { x }, { k, sorted }) => graph.topK(x!, k as number, Boolean(sorted)),
  // tfjs allows only the last axis in both.
  Softmax: (graph, { logits }) => graph.softmax(logits!),
  LogSoftmax: (graph, { logits }) => graph.logSoftmax(logits!),
};
