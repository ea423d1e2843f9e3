import * as tf from '@tensorflow/tfjs-core';
import { FUSED, type FusedBody } from '../../tfjs/custom-kernels.ts';
import { CAPTURE_BACKEND, CaptureBackend } from '../capture-backend.ts';
import type { GraphValue } from '../graph-builder.ts';
import type { Kernel, Kernels } from '../kernel.ts';
import { elementwiseKernels } from './elementwise.ts';
import { captureFused } from './fused.ts';
import { indexingKernels } from './indexing.ts';
import { lossKernels } from './loss.ts';
import { matrixKernels } from './matrix.ts';
import { customKernels } from './custom.ts';
import { oneFloatType } from './precision.ts';
import { reductionKernels } from './reductions.ts';
import { shapingKernels } from './shaping.ts';

/** Every tfjs kernel that can be captured, by tfjs's name. `Fused` is apart: its body is tfjs code. */
export const kernels: Kernels = {
  ...elementwiseKernels,
  ...indexingKernels,
  ...lossKernels,
  ...matrixKernels,
  ...customKernels,
  ...reductionKernels,
  ...shapingKernels,
};

/** The backend that captures, registered with tfjs at the first call; one in a process. */
export function captureBackend(): CaptureBackend {
  if (!registered) {
    const backend = new CaptureBackend();
    // Lowest priority: tfjs never chooses it on its own.
    tf.registerBackend(CAPTURE_BACKEND, () => backend, -1);
    for (const [kernelName, kernel] of Object.entries(kernels)) {
      tf.registerKernel({
        kernelName,
        backendName: CAPTURE_BACKEND,
        kernelFunc: ({ inputs, attrs }) => run(backend, { kernelName, kernel }, inputs, attrs ?? {}),
      });
    }
    tf.registerKernel({
      kernelName: FUSED,
      backendName: CAPTURE_BACKEND,
      kernelFunc: ({ inputs, attrs }) => captureFused(backend, inputs, attrs!['body'] as unknown as FusedBody),
    });
    registered = backend;
  }
  return registered;
}

let registered: CaptureBackend | undefined;

function run(
  backend: CaptureBackend,
  { kernelName, kernel }: { kernelName: string; kernel: Kernel },
  inputs: tf.NamedTensorInfoMap,
  attributes: tf.NamedAttrMap,
): tf.TensorInfo | tf.TensorInfo[] {
  const values: Record<string, GraphValue> = {};
  for (const [name, tensor] of Object.entries(inputs)) {
    if (tensor) values[name] = backend.graphValue(tensor);
  }
  const result = kernel(backend.graph, oneFloatType(backend.graph, kernelName, values), attributes);
  return Array.isArray(result) ? result.map((value) => backend.tensorInfo(value)) : backend.tensorInfo(result);
}
