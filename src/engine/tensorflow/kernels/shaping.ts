import type { GraphValue } from '../capture/graph.ts';
import { axesOf, int, listOf, scalarLike, type Kernels } from '../capture/kernel.ts';

export const shapingKernels: Kernels = {
  Reshape: (graph, { x }, { shape }) => graph.node('Reshape', [x!, graph.ints(shape as number[])]),
  ExpandDims: (graph, { input }, { dim }) => graph.node('ExpandDims', [input!, graph.int(dim as number)]),
  Transpose: (graph, { x }, { perm }) => graph.node('Transpose', [x!, graph.ints(perm as number[])]),
  Reverse: (graph, { x }, { dims }) => graph.node('ReverseV2', [x!, graph.ints(axesOf(dims, x!.shape.length))]),
  BroadcastTo: (graph, { x }, { shape }) => graph.node('BroadcastTo', [x!, graph.ints(shape as number[])]),
  Tile: (graph, { x }, { reps }) => graph.node('Tile', [x!, graph.ints(reps as number[])]),
  PadV2: (graph, { x }, { paddings, constantValue }) => {
    const pairs = paddings as [number, number][];
    const table = graph.constant(Int32Array.from(pairs.flat()), [pairs.length, 2], 'int32');
    return graph.node('PadV2', [x!, table, scalarLike(graph, x!, (constantValue as number | undefined) ?? 0)]);
  },
  Concat: (graph, inputs, { axis }) => {
    // TensorFlow refuses a single part; tfjs hands one over when the others are empty.
    const parts = listOf(inputs);
    return parts.length === 1 ? parts[0]! : graph.node('ConcatV2', [parts, graph.int(axis as number)]);
  },
  Pack: (graph, inputs, { axis }) => graph.node('Pack', [listOf(inputs)], { axis: int(axis as number) }),
  Unpack: (graph, { value }, { axis }) =>
    graph.nodes('Unpack', [value!], { num: int(value!.shape[axis as number]!), axis: int(axis as number) }),
  SplitV: (graph, { x }, { numOrSizeSplits, axis }) => {
    const sizes = splitSizes(x!, numOrSizeSplits as number | number[], axis as number);
    return graph.nodes('SplitV', [x!, graph.ints(sizes), graph.int(axis as number)], { num_split: int(sizes.length) });
  },
  Fill: (graph, _, { shape, value, dtype }) => {
    const wanted = (dtype as 'float32' | 'int32' | 'bool' | undefined) ?? 'float32';
    const array =
      wanted === 'float32'
        ? Float32Array.of(value as number)
        : wanted === 'int32'
          ? Int32Array.of(value as number)
          : Uint8Array.of(Number(value));
    return graph.node('Fill', [graph.ints(shape as number[]), graph.constant(array, [], wanted)]);
  },
  Range: (graph, _, { start, stop, step, dtype }) => {
    const numbers = range(start as number, stop as number, step as number);
    return dtype === 'int32'
      ? graph.ints(numbers)
      : graph.constant(Float32Array.from(numbers), [numbers.length], 'float32');
  },
};

/** As tfjs: a step of 1 counts down too. */
function range(start: number, stop: number, step: number): number[] {
  const by = stop < start && step === 1 ? -1 : step;
  return Array.from({ length: Math.max(0, Math.ceil((stop - start) / by)) }, (_, index) => start + index * by);
}

function splitSizes(x: GraphValue, numberOrSizes: number | number[], axis: number): number[] {
  const length = x.shape[axis]!;
  if (typeof numberOrSizes === 'number') return Array<number>(numberOrSizes).fill(length / numberOrSizes);
  const known = numberOrSizes.filter((size) => size !== -1).reduce((sum, size) => sum + size, 0);
  return numberOrSizes.map((size) => (size === -1 ? length - known : size));
}
