import type { Kernels } from '../kernel.ts';

export const matrixKernels: Kernels = {
  BatchMatMul: (graph, { a, b }, { transposeA, transposeB }) =>
    graph.matMul(a!, b!, { a: Boolean(transposeA), b: Boolean(transposeB) }),
};
