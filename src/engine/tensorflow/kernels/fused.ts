import * as tf from '@tensorflow/tfjs-core';
import { type FusedBody, runFused } from '../../tfjs/own-kernels.ts';
import type { CaptureBackend } from '../capture/capture-backend.ts';

/**
 * In a graph that is run op by op, a part that XLA compiles into one; in a graph that XLA compiles anyway, just its
 * ops.
 */
export function captureFused(backend: CaptureBackend, inputs: tf.NamedTensorInfoMap, body: FusedBody): tf.TensorInfo[] {
  const tensors = Object.values(inputs) as tf.Tensor[];
  if (backend.graph.compiler === 'xla') return runFused(body, tensors);
  const values = tensors.map((tensor) => backend.graphValue(tensor));
  const part = backend.parts(body.name, values, (_, parameters) => {
    const results = runFused(
      body,
      parameters.map((value) => backend.tensor(value)),
    );
    return results.map((result) => backend.graphValue(result));
  });
  return backend.graph.call(part.functionName, values, part.results).map((value) => backend.tensorInfo(value));
}
