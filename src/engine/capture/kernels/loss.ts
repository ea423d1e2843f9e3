import { SPARSE_SOFTMAX_CROSS_ENTROPY } from '../../tfjs/sparse-softmax-cross-entropy.ts';
import type { GraphBuilder, GraphValue } from '../graph-builder.ts';
import type { Kernels } from '../kernel.ts';

export const lossKernels: Kernels = {
  [SPARSE_SOFTMAX_CROSS_ENTROPY]: (graph, { logits, labels }) => lossAndBackprop(graph, logits!, labels!),
};

/**
 * Written in small operations, which XLA fuses into two passes over the [N, V] arrays. With a vocabulary of 50,257 that
 * is a fifth faster than its translation of TensorFlow's own SparseSoftmaxCrossEntropyWithLogits. As there, the loss is
 * NaN for a label outside the vocabulary.
 */
function lossAndBackprop(graph: GraphBuilder, logits_NV: GraphValue, labels_N: GraphValue): GraphValue[] {
  const [N, V] = logits_NV.shape as [number, number];

  const max_N1 = graph.reduce('max', logits_NV, [1], true);
  const shifted_NV = graph.binary('subtract', logits_NV, max_N1);
  const exp_NV = graph.unary('exp', shifted_NV);
  const sum_N1 = graph.reduce('sum', exp_NV, [1], true);
  const labelIndices_N2 = graph.stack([graph.iota(N), labels_N], 1);
  const loss_N = graph.binary(
    'subtract',
    graph.reshape(graph.unary('log', sum_N1), [N]),
    graph.gatherNd(shifted_NV, labelIndices_N2),
  );
  const inVocabulary_N = graph.binary(
    'logicalAnd',
    graph.compare('greaterEqual', labels_N, graph.scalar(0, 'int32')),
    graph.compare('less', labels_N, graph.scalar(V, 'int32')),
  );
  const softmax_NV = graph.binary('multiply', exp_NV, graph.unary('reciprocal', sum_N1));
  const onehot_NV = graph.oneHot(labels_N, { depth: V, on: 1, off: 0, dtype: 'float32' });
  return [
    graph.select(inVocabulary_N, loss_N, graph.scalar(NaN, 'float32')),
    graph.binary('subtract', softmax_NV, onehot_NV),
  ];
}
