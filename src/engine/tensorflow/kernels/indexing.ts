import { int, type Kernels } from '../capture/kernel.ts';

export const indexingKernels: Kernels = {
  GatherV2: (graph, { x, indices }, { axis, batchDims }) =>
    graph.node('GatherV2', [x!, indices!, graph.int(axis as number)], {
      batch_dims: int((batchDims as number | undefined) ?? 0),
    }),
  GatherNd: (graph, { params, indices }) => graph.node('GatherNd', [params!, indices!]),
  ScatterNd: (graph, { indices, updates }, { shape }) =>
    graph.node('ScatterNd', [indices!, updates!, graph.ints(shape as number[])]),
  TensorScatterUpdate: (graph, { tensor, indices, updates }) =>
    graph.node('TensorScatterUpdate', [tensor!, indices!, updates!]),
  UnsortedSegmentSum: (graph, { x, segmentIds }, { numSegments }) =>
    graph.node('UnsortedSegmentSum', [x!, segmentIds!, graph.int(numSegments as number)]),
  OneHot: (graph, { indices }, { depth, onValue, offValue, dtype }) => {
    const wanted = dtype as 'float32' | 'int32' | 'bool';
    const scalar = (value: unknown) =>
      graph.constant(
        wanted === 'float32'
          ? Float32Array.of(Number(value))
          : wanted === 'int32'
            ? Int32Array.of(Number(value))
            : Uint8Array.of(Number(value)),
        [],
        wanted,
      );
    return graph.node('OneHot', [indices!, graph.int(depth as number), scalar(onValue), scalar(offValue)]);
  },
  Slice: (graph, { x }, { begin, size }) => {
    const starts = begin as number[];
    const lengths = (size as number[]).map((length, axis) =>
      length === -1 ? x!.shape[axis]! - starts[axis]! : length,
    );
    return graph.node('Slice', [x!, graph.ints(starts), graph.ints(lengths)]);
  },
  StridedSlice: (
    graph,
    { x },
    { begin, end, strides, beginMask, endMask, ellipsisMask, newAxisMask, shrinkAxisMask },
  ) =>
    graph.node(
      'StridedSlice',
      [x!, graph.ints(begin as number[]), graph.ints(end as number[]), graph.ints(strides as number[])],
      {
        begin_mask: int(beginMask as number),
        end_mask: int(endMask as number),
        ellipsis_mask: int(ellipsisMask as number),
        new_axis_mask: int(newAxisMask as number),
        shrink_axis_mask: int(shrinkAxisMask as number),
      },
    ),
};
