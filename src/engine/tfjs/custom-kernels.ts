import * as tf from '@tensorflow/tfjs-core';
import { registerSparseSoftmaxCrossEntropy } from './sparse-softmax-cross-entropy.ts';

/**
 * Inputs: `x` and any others. Output: x, available only once the others are computed. Ops on the output are never
 * merged with the same ops on x.
 */
export const BARRIER = 'Barrier';

/**
 * Input: `seed`, int32 [2]. Attributes: `shape`, `rate`, `index`. Output: 0 with probability `rate`, else 1 / (1 -
 * rate), a pure function of `seed` and `index`, the number of the dropout layer.
 */
export const DROPOUT_MASK = 'DropoutMask';

/** Input: `x`, float32. Output: x in bfloat16, which tfjs takes for float32. Only the capturing backend has it. */
export const TO_BFLOAT16 = 'ToBfloat16';

/** Input: `x`. Output: x in float32. */
export const TO_FLOAT32 = 'ToFloat32';

/** Inputs: a list. Attribute: `body`, a FusedBody. Outputs: what the body computes from them. */
export const FUSED = 'Fused';

export interface FusedBody {
  /** identifies the function: bodies with one name must do the same */
  name: string;
  run(...inputs: tf.Tensor[]): tf.Tensor[];
}

/**
 * Runs the body's ops one by one. The body may take gradients: tfjs has a single tape and may be recording on it, so
 * the tape is put aside meanwhile.
 */
export function runFused(body: FusedBody, inputs: tf.Tensor[]): tf.Tensor[] {
  const { state } = tf.engine();
  const { gradientDepth, kernelDepth, activeTape } = state;
  Object.assign(state, { gradientDepth: 0, kernelDepth: 0, activeTape: undefined });
  try {
    return tf.tidy(() => body.run(...inputs));
  } finally {
    Object.assign(state, { gradientDepth, kernelDepth, activeTape });
  }
}

/** Registers the kernels that tfjs lacks for a backend that runs op by op. The bfloat16 ones throw. */
export function registerCustomKernels(backendName: string): void {
  registerSparseSoftmaxCrossEntropy(backendName);
  const register = (kernelName: string, kernelFunc: tf.KernelFunc): void => {
    if (!tf.getKernel(kernelName, backendName)) tf.registerKernel({ kernelName, backendName, kernelFunc });
  };
  // An op-by-op backend computes in call order and merges nothing.
  register(BARRIER, ({ inputs }) => tf.clone(inputs['x'] as tf.Tensor));
  register(DROPOUT_MASK, ({ inputs, attrs }) =>
    tf.tidy(() => dropoutMask(inputs['seed'] as tf.Tensor, attrs as unknown as DropoutMask)),
  );
  register(FUSED, ({ inputs, attrs }) =>
    runFused(attrs!['body'] as unknown as FusedBody, Object.values(inputs) as tf.Tensor[]),
  );
  for (const name of [TO_BFLOAT16, TO_FLOAT32])
    register(name, () => {
      throw noBfloat16();
    });
}

export function noBfloat16(): Error {
  return new Error('tfjs has no bfloat16: use engine: tensorflow for precision: bf16, or precision: fp32');
}

interface DropoutMask {
  shape: number[];
  rate: number;
  index: number;
}

function dropoutMask(seed: tf.Tensor, { shape, rate, index }: DropoutMask): tf.Tensor {
  const words = seed.dataSync();
  const drawn = tf.randomUniform(shape, 0, 1, 'float32', `${words[0]} ${words[1]} ${index}`);
  return tf.mul(tf.cast(tf.greaterEqual(drawn, rate), 'float32'), 1 / (1 - rate));
}
