import * as tf from '@tensorflow/tfjs-core';
import { type FusedBody, runFused } from '../../tfjs/custom-kernels.ts';
import type { CaptureBackend } from '../capture-backend.ts';

/** The `Fused` kernel, whose body is tfjs code: its ops go into whatever the builder makes for them. */
export function captureFused(backend: CaptureBackend, inputs: tf.NamedTensorInfoMap, body: FusedBody): tf.TensorInfo[] {
  const values = Object.values(inputs).map((tensor) => backend.graphValue(tensor!));
  const results = backend.graph.fuse(body.name, values, (graph, parameters) =>
    backend.within(graph, () =>
      runFused(
        body,
        parameters.map((value) => backend.tensor(value)),
      ).map((result) => backend.graphValue(result)),
    ),
  );
  return results.map((value) => backend.tensorInfo(value));
}
