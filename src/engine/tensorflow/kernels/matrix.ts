import { bool, type Kernels } from '../capture/kernel.ts';

export const matrixKernels: Kernels = {
  BatchMatMul: (graph, { a, b }, { transposeA, transposeB }) => {
    if (a!.shape.length === 2 && b!.shape.length === 2) {
      return graph.node('MatMul', [a!, b!], { transpose_a: bool(transposeA), transpose_b: bool(transposeB) });
    }
    return graph.node('BatchMatMulV2', [a!, b!], { adj_x: bool(transposeA), adj_y: bool(transposeB) });
  },
};
