import type { Tensor } from '@tensorflow/tfjs-core';

/**
 * An engine runs functions written in tfjs ops. `tensorflow` captures a function once into a TensorFlow graph and runs
 * it as one call; `tfjs` runs it op by op on an installed tfjs backend, as reference.
 */
export interface Engine {
  readonly name: 'tensorflow' | 'tfjs';
  /** one line for the log: library, version, device, threads */
  readonly description: string;
  /**
   * A named array that lives in the engine between calls: float32, or rounded to the nearest bfloat16, which takes half
   * the room and half the time to read. `value` is copied.
   */
  variable(name: string, shape: number[], value: Float32Array, precision?: Variable['precision']): Variable;
  /** Copies the variable's value out. */
  read(variable: Variable): Promise<Float32Array>;
  /** Overwrites the variable's value. */
  write(variable: Variable, value: Float32Array): void;
  /**
   * `body` is called with tensors: in capture mode once, now; in tfjs mode at each call, inside a `tf.tidy`. It must be
   * a pure function of its tensors, and names in `inputs`/`outputs` are ASCII words. `compiler` is the engine's own
   * choice if left out; `tfjs` has none.
   */
  compile(name: string, signature: Signature, body: Body, compiler?: 'xla' | 'graph'): Program;
  close(): void;
}

export interface Variable {
  readonly name: string;
  readonly shape: number[];
  readonly precision: 'fp32' | 'bf16';
}

export interface Signature {
  inputs: Record<string, { shape: number[]; dtype: 'int32' | 'float32' }>;
  /** Variables that the body reads or assigns, by a name of the caller's. */
  variables: Record<string, Variable>;
}

export type Body = (
  inputs: Record<string, Tensor>,
  variables: Record<string, Tensor>,
) => {
  outputs: Record<string, Tensor>;
  /** New values, by the names in `signature.variables`; all are assigned after every read. */
  assign?: Record<string, Tensor>;
};

export interface Program {
  /** Values are flat, row-major; outputs likewise. The event loop keeps running meanwhile. */
  call(inputs: Record<string, Int32Array | Float32Array>): Promise<Record<string, Float32Array>>;
  close(): void;
}
