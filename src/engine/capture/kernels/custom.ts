import { BARRIER, DROPOUT_MASK, TO_BFLOAT16, TO_FLOAT32 } from '../../tfjs/custom-kernels.ts';
import type { Kernels } from '../kernel.ts';

export const customKernels: Kernels = {
  [BARRIER]: (graph, { x, ...after }) => graph.barrier(x!, Object.values(after)),
  [TO_FLOAT32]: (graph, { x }) => graph.cast(x!, 'float32'),
  [TO_BFLOAT16]: (graph, { x }) => graph.cast(x!, 'bfloat16'),
  [DROPOUT_MASK]: (graph, { seed }, attributes) => {
    const { shape, rate, index } = attributes as unknown as { shape: number[]; rate: number; index: number };
    const ownSeed = graph.binary('bitwiseXor', seed!, graph.constant(Int32Array.of(0, index), [2], 'int32'));
    const drawn = graph.randomUniform(ownSeed, shape);
    return graph.select(
      graph.compare('greaterEqual', drawn, graph.scalar(rate, 'float32')),
      graph.scalar(1 / (1 - rate), 'float32'),
      graph.scalar(0, 'float32'),
    );
  },
};
