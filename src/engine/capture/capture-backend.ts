import * as tf from '@tensorflow/tfjs-core';
import { typedArrayOf, type TfjsDType, type Values } from '../dtype.ts';
import type { GraphBuilder, GraphValue } from './graph-builder.ts';

export const CAPTURE_BACKEND = 'capture';

interface Capture {
  program: string;
  graph: GraphBuilder;
}

/** A tfjs backend whose tensors are values of a program under construction; it computes nothing. */
export class CaptureBackend extends tf.KernelBackend {
  #values = new Map<object, { value: GraphValue; graph: GraphBuilder }>();
  #current: Capture | null = null;

  /**
   * Runs `action` with this backend active and its ops going into `graph`. Tensors created meanwhile are disposed.
   * Errors name the program.
   */
  capture<T>(program: string, graph: GraphBuilder, action: () => T): T {
    try {
      return this.#capture({ program, graph }, action);
    } catch (error) {
      throw captureError(program, error);
    }
  }

  #capture<T>(capture: Capture, action: () => T): T {
    if (this.#current)
      throw new Error(`program ${capture.program} is compiled inside the body of ${this.#current.program}`);
    const activeBefore = tf.getBackend();
    this.#current = capture;
    void tf.setBackend(CAPTURE_BACKEND);
    try {
      let result: T;
      tf.tidy(() => {
        result = action();
      });
      return result!;
    } finally {
      this.#values.clear();
      this.#current = null;
      if (activeBefore && activeBefore !== CAPTURE_BACKEND) void tf.setBackend(activeBefore);
    }
  }

  /** In the middle of a capture, runs `action` with its ops going into `graph`. It cannot use values of other graphs. */
  within<T>(graph: GraphBuilder, action: () => T): T {
    const outer = this.#current!;
    this.#current = { ...outer, graph };
    try {
      return action();
    } finally {
      this.#current = outer;
    }
  }

  get graph(): GraphBuilder {
    if (!this.#current) throw new Error('a tfjs op ran on the capturing backend outside of a capture');
    return this.#current.graph;
  }

  graphValue(tensor: tf.TensorInfo): GraphValue {
    const known = this.#values.get(tensor.dataId);
    if (!known || known.graph !== this.graph) {
      throw new Error(
        `the body of ${this.#programName} uses a ${tensor.dtype} [${tensor.shape}] tensor that was made outside of ` +
          'it: make it inside, or pass its values as an input',
      );
    }
    return known.value;
  }

  tensorInfo(value: GraphValue): tf.TensorInfo {
    const dataId = {};
    this.#values.set(dataId, { value, graph: this.graph });
    return { dataId, shape: value.shape, dtype: value.dtype === 'bfloat16' ? 'float32' : value.dtype };
  }

  tensor(value: GraphValue): tf.Tensor {
    return tf.engine().makeTensorFromTensorInfo(this.tensorInfo(value));
  }

  override write(values: tf.BackendValues, shape: number[], dtype: tf.DataType): tf.DataId {
    if (dtype === 'string' || dtype === 'complex64') throw new Error(`a ${dtype} tensor cannot be captured`);
    const array = typedArrayOf(values as ArrayLike<number>, dtype);
    return this.tensorInfo(constantOf(this.graph, array, shape, dtype)).dataId;
  }

  override readSync(): never {
    throw new Error(
      `a tensor in the body of ${this.#programName} has no value yet: the body is captured once and its ops run ` +
        'later. Return the tensor as an output instead of reading it (data, dataSync, array, print)',
    );
  }

  override async read(): Promise<never> {
    return this.readSync();
  }

  get #programName(): string {
    return this.#current?.program ?? 'a program';
  }

  override disposeData(dataId: object): boolean {
    this.#values.delete(dataId);
    return true;
  }

  override numDataIds(): number {
    return this.#values.size;
  }

  override refCount(): number {
    return 1;
  }

  override incRef(): void {}

  override memory(): { unreliable: boolean } {
    return { unreliable: true };
  }

  override floatPrecision(): 32 {
    return 32;
  }

  override epsilon(): number {
    return 1e-7;
  }

  override dispose(): void {
    this.#values.clear();
  }
}

/** tfjs makes `ones` and `zeros` of any size as arrays. One repeated value becomes a fill, not megabytes of program. */
function constantOf(graph: GraphBuilder, array: Values, shape: number[], dtype: TfjsDType): GraphValue {
  if (array.length <= 8 || !array.every((value) => Object.is(value, array[0])))
    return graph.constant(array, shape, dtype);
  return graph.fill(array[0]!, shape, dtype);
}

function captureError(program: string, error: unknown): unknown {
  if (!(error instanceof Error)) return error;
  const kernel = /^Kernel '(\w+)' not registered for backend/.exec(error.message)?.[1];
  const message = kernel
    ? `tfjs's kernel ${kernel} is not in src/engine/capture/kernels yet; engine: tfjs can run it`
    : error.message;
  return new Error(`program ${program} cannot be captured: ${message}`, { cause: error });
}
