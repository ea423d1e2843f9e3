import { BARRIER, DROPOUT_MASK, TO_BFLOAT16, TO_FLOAT32 } from '../../tfjs/own-kernels.ts';
import { castTo, type Kernels } from '../capture/kernel.ts';

export const ownKernels: Kernels = {
  [BARRIER]: (graph, { x, ...after }) => graph.barrier(x!, Object.values(after)),
  [TO_FLOAT32]: (graph, { x }) => castTo(graph, x!, 'float32'),
  [TO_BFLOAT16]: (graph, { x }) => castTo(graph, x!, 'bfloat16'),
  // A stateless op: the same seed gives the same mask wherever and whenever it is drawn.
  [DROPOUT_MASK]: (graph, { seed }, attributes) => {
    const { shape, rate, place } = attributes as unknown as { shape: number[]; rate: number; place: number };
    const float = (value: number) => graph.constant(Float32Array.of(value), [], 'float32');
    const placed = graph.node('BitwiseXor', [seed!, graph.constant(Int32Array.of(0, place), [2], 'int32')]);
    const drawn = graph.node('StatelessRandomUniform', [graph.ints(shape), placed]);
    return graph.node('SelectV2', [graph.node('GreaterEqual', [drawn, float(rate)]), float(1 / (1 - rate)), float(0)]);
  },
};
