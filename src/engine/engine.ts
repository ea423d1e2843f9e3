import type { Tensor } from '@tensorflow/tfjs-core';

/**
 * Runs functions written in tfjs ops. `tensorflow` captures a function once into a TensorFlow graph and runs it as one
 * call. `tfjs`, the reference, runs it op by op on an installed tfjs backend.
 */
export interface Engine {
  readonly name: 'tensorflow' | 'tfjs';
  /** library, version, device and threads in one line, for the log */
  readonly description: string;
  /**
   * A named array that the engine keeps between calls, in float32 or rounded to the nearest bfloat16, which takes half
   * the memory and half the time to read. `value` is copied.
   */
  variable(name: string, shape: number[], value: Float32Array, precision?: Variable['precision']): Variable;
  /** A variable that must be written before it is read. Until then, programs that use it can be compiled and prepared. */
  declare(name: string, shape: number[], precision?: Variable['precision']): Variable;
  /** Returns a copy of the variable's value. */
  read(variable: Variable): Promise<Float32Array>;
  /** Overwrites the variable's value. */
  write(variable: Variable, value: Float32Array): void;
  /**
   * Makes a program of `body`, a pure function of its tensors. `tensorflow` calls it once, now; `tfjs` calls it in
   * every call of the program, inside a `tf.tidy`. Names of inputs and outputs must be ASCII words. `compiler`
   * overrides the engine's choice; `tfjs` has none.
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
  /** Variables that the body reads or assigns, under names that the caller chooses. */
  variables: Record<string, Variable>;
}

export type Body = (
  inputs: Record<string, Tensor>,
  variables: Record<string, Tensor>,
) => {
  outputs: Record<string, Tensor>;
  /** New values, by the names in `signature.variables`. They are assigned after all reads. */
  assign?: Record<string, Tensor>;
};

export interface Program {
  /**
   * Does in the background what the first call would do before it computes, which takes time even if an earlier process
   * has compiled the program. The variables need no values yet.
   */
  prepare(): Promise<void>;
  /** Inputs and outputs are flat, in row-major order. `tensorflow` leaves the event loop free meanwhile. */
  call(inputs: Record<string, Int32Array | Float32Array>): Promise<Record<string, Float32Array>>;
  close(): void;
}
