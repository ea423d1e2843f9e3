import type { TfjsDType } from '../../dtype.ts';
import type { GraphValue } from '../graph-builder.ts';
import { axesOf, type Kernels } from '../kernel.ts';

export const shapingKernels: Kernels = {
  Reshape: (graph, { x }, { shape }) => graph.reshape(x!, shape as number[]),
  ExpandDims: (graph, { input }, { dim }) => graph.expandDims(input!, dim as number),
  Transpose: (graph, { x }, { perm }) => graph.transpose(x!, perm as number[]),
  Reverse: (graph, { x }, { dims }) => graph.reverse(x!, axesOf(dims, x!.shape.length)),
  BroadcastTo: (graph, { x }, { shape }) => graph.broadcastTo(x!, shape as number[]),
  Tile: (graph, { x }, { reps }) => graph.tile(x!, reps as number[]),
  PadV2: (graph, { x }, { paddings, constantValue }) =>
    graph.pad(x!, paddings as [number, number][], (constantValue as number | undefined) ?? 0),
  Concat: (graph, inputs, { axis }) => {
    // tfjs passes a single part when all others are empty.
    const parts = Object.values(inputs);
    return parts.length === 1 ? parts[0]! : graph.concatenate(parts, axis as number);
  },
  Pack: (graph, inputs, { axis }) => graph.stack(Object.values(inputs), axis as number),
  Unpack: (graph, { value }, { axis }) => graph.unstack(value!, axis as number),
  SplitV: (graph, { x }, { numOrSizeSplits, axis }) =>
    graph.split(x!, splitSizes(x!, numOrSizeSplits as number | number[], axis as number), axis as number),
  Fill: (graph, _, { shape, value, dtype }) =>
    graph.fill(Number(value), shape as number[], (dtype as TfjsDType | undefined) ?? 'float32'),
  Range: (graph, _, { start, stop, step, dtype }) => {
    const numbers = range(start as number, stop as number, step as number);
    return dtype === 'int32'
      ? graph.constant(Int32Array.from(numbers), [numbers.length], 'int32')
      : graph.constant(Float32Array.from(numbers), [numbers.length], 'float32');
  },
};

/** As in tfjs, a step of 1 also counts down. */
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
