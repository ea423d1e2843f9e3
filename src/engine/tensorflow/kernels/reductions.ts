import { axesOf, bool, castTo, type Kernel, type Kernels } from '../capture/kernel.ts';

/** tfjs calls the axes `axis`, except for Max. */
const reduction =
  (type: string): Kernel =>
  (graph, { x }, { axis, reductionIndices, keepDims }) =>
    graph.node(type, [x!, graph.ints(axesOf(axis ?? reductionIndices, x!.shape.length))], {
      keep_dims: bool(keepDims),
    });

const scan =
  (type: string): Kernel =>
  (graph, { x }, { axis, exclusive, reverse }) =>
    graph.node(type, [x!, graph.int(axis as number)], { exclusive: bool(exclusive), reverse: bool(reverse) });

const position =
  (type: string): Kernel =>
  (graph, { x }, { axis }) =>
    graph.node(type, [x!, graph.int(axis as number)], { output_type: { kind: 'type', value: 'int32' } });

export const reductionKernels: Kernels = {
  Sum: reduction('Sum'),
  Prod: reduction('Prod'),
  Max: reduction('Max'),
  Min: reduction('Min'),
  All: reduction('All'),
  Any: reduction('Any'),
  // tfjs means whole numbers as floats; TensorFlow would keep them whole.
  Mean: (graph, { x }, attributes) => reduction('Mean')(graph, { x: castTo(graph, x!, 'float32') }, attributes),
  ArgMax: position('ArgMax'),
  ArgMin: position('ArgMin'),
  Cumsum: scan('Cumsum'),
  Cumprod: scan('Cumprod'),
  TopK: (graph, { x }, { k, sorted }) => graph.nodes('TopKV2', [x!, graph.int(k as number)], { sorted: bool(sorted) }),
  // Both reduce the last axis, the only one tfjs lets through.
  Softmax: (graph, { logits }) => graph.node('Softmax', [logits!]),
  LogSoftmax: (graph, { logits }) => graph.node('LogSoftmax', [logits!]),
};
