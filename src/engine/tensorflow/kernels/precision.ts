import { BARRIER } from '../../tfjs/own-kernels.ts';
import type { Graph, GraphValue } from '../capture/graph.ts';
import { castTo } from '../capture/kernel.ts';

/**
 * Kernels that follow their lowest operand: a matrix product in bfloat16 stays one if the gradient that comes in is a
 * float32.
 */
const lowering = new Set(['BatchMatMul']);
/**
 * Sums of many: always in float32. Their results are small, and an average of bfloat16 numbers would lose their last
 * digits.
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
 * TensorFlow's ops want one float dtype; tfjs, which knows of one only, hands over both. A lone constant follows; else
 * float32 wins.
 */
export function oneFloatType(
  graph: Graph,
  kernelName: string,
  values: Record<string, GraphValue>,
): Record<string, GraphValue> {
  const list = Object.values(values);
  if (kernelName === BARRIER || !list.some(({ dtype }) => dtype === 'bfloat16')) return values;
  const strong = list.some(({ dtype, weak }) => dtype === 'float32' && !weak);
  const wanted = lowering.has(kernelName) ? 'bfloat16' : strong || widening.has(kernelName) ? 'float32' : 'bfloat16';
  return Object.fromEntries(
    Object.entries(values).map(([name, value]) => [
      name,
      value.dtype === 'float32' || value.dtype === 'bfloat16' ? castTo(graph, value, wanted) : value,
    ]),
  );
}
