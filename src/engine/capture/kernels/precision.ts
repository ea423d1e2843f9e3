import { BARRIER } from '../../tfjs/custom-kernels.ts';
import type { GraphBuilder, GraphValue } from '../graph-builder.ts';

/** Kernels that compute in bfloat16 if any operand has it, so that a float32 gradient does not widen the product. */
const narrowing = new Set(['BatchMatMul']);

/**
 * Kernels that always compute in float32: sums of many, whose results are small, and powers, which would lose their
 * last digits in bfloat16.
 */
const widening = new Set([
  'Sum',
  'Prod',
  'Mean',
  'Softmax',
  'LogSoftmax',
  'Cumsum',
  'SparseSoftmaxCrossEntropy',
  'ScatterNd',
  'UnsortedSegmentSum',
  'Square',
  'Sqrt',
  'Rsqrt',
  'Pow',
]);

/**
 * A kernel's inputs with one float dtype. tfjs knows only float32 and mixes the two; operations take operands of one
 * dtype. float32 wins, but a scalar constant takes on the dtype of the others.
 */
export function oneFloatType(
  graph: GraphBuilder,
  kernelName: string,
  values: Record<string, GraphValue>,
): Record<string, GraphValue> {
  const list = Object.values(values);
  if (kernelName === BARRIER || !list.some(({ dtype }) => dtype === 'bfloat16')) return values;
  const hasFloat32 = list.some(({ dtype, weak }) => dtype === 'float32' && !weak);
  const wanted = narrowing.has(kernelName) || (!hasFloat32 && !widening.has(kernelName)) ? 'bfloat16' : 'float32';
  return Object.fromEntries(
    Object.entries(values).map(([name, value]) => [
      name,
      value.dtype === 'float32' || value.dtype === 'bfloat16' ? graph.cast(value, wanted) : value,
    ]),
  );
}
