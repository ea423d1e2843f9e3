import type { TfjsDType } from '../../dtype.ts';
import type { Kernels } from '../kernel.ts';

export const indexingKernels: Kernels = {
  GatherV2: (graph, { x, indices }, { axis, batchDims }) =>
    graph.gather(x!, indices!, { axis: axis as number, batchDims: (batchDims as number | undefined) ?? 0 }),
  GatherNd: (graph, { params, indices }) => graph.gatherNd(params!, indices!),
  ScatterNd: (graph, { indices, updates }, { shape }) => graph.scatterNd(indices!, updates!, shape as number[]),
  TensorScatterUpdate: (graph, { tensor, indices, updates }) => graph.scatterUpdate(tensor!, indices!, updates!),
  UnsortedSegmentSum: (graph, { x, segmentIds }, { numSegments }) =>
    graph.segmentSum(x!, segmentIds!, numSegments as number),
  OneHot: (graph, { indices }, { depth, onValue, offValue, dtype }) =>
    graph.oneHot(indices!, {
      depth: depth as number,
      on: Number(onValue),
      off: Number(offValue),
      dtype: dtype as TfjsDType,
    }),
  Slice: (graph, { x }, { begin, size }) => {
    const starts = begin as number[];
    const lengths = (size as number[]).map((length, axis) =>
      length === -1 ? x!.shape[axis]! - starts[axis]! : length,
    );
    return graph.slice(x!, starts, lengths);
  },
  StridedSlice: (
    graph,
    { x },
    { begin, end, strides, beginMask, endMask, ellipsisMask, newAxisMask, shrinkAxisMask },
  ) =>
    graph.stridedSlice(x!, {
      begin: begin as number[],
      end: end as number[],
      strides: strides as number[],
      beginMask: beginMask as number,
      endMask: endMask as number,
      ellipsisMask: ellipsisMask as number,
      newAxisMask: newAxisMask as number,
      shrinkAxisMask: shrinkAxisMask as number,
    }),
};
