import type { GraphValue } from '../../capture/graph-builder.ts';
import type { DType } from '../../dtype.ts';
import type { Graph } from './graph.ts';

/** `value`, but not before `after` has been computed, and not to be merged with `value` itself. */
export function addBarrier(graph: Graph, value: GraphValue, after: GraphValue[]): GraphValue {
  switch (graph.compiler) {
    case 'xla':
      // TensorFlow's XLA drops its own OptimizationBarrier before it orders and merges ops. A sum with a term that it
      // cannot know to be zero works.
      return graph.node('AddV2', [value, zeroFrom(graph, after, value.dtype)]);
    case 'graph':
      return graph.nodeAfter(after, 'Identity', [value]);
  }
}

/**
 * A scalar 0 that takes one element of each of `values` to compute. It is NaN if one of those is; then so is the
 * gradient, and the step is not applied.
 */
function zeroFrom(graph: Graph, values: GraphValue[], dtype: DType): GraphValue {
  const castTo = (value: GraphValue, wanted: DType): GraphValue =>
    value.dtype === wanted ? value : graph.node('Cast', [value], { DstT: { kind: 'type', value: wanted } });
  const magnitudes = values.map((value) => {
    const first = graph.node('Slice', [
      value,
      graph.ints(value.shape.map(() => 0)),
      graph.ints(value.shape.map(() => 1)),
    ]);
    const scalar = graph.node('Reshape', [first, graph.ints([])]);
    return graph.node('Abs', [castTo(scalar, 'float32')]);
  });
  const sum = magnitudes.length === 1 ? magnitudes[0]! : graph.node('AddN', [magnitudes]);
  const zero = graph.node('Minimum', [sum, graph.constant(Float32Array.of(0), [], 'float32')]);
  return castTo(zero, dtype);
}
