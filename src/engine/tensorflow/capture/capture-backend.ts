import * as tf from '@tensorflow/tfjs-core';
import { typedArrayOf, type DType } from '../c/dtype.ts';
import type { Graph, GraphValue } from './graph.ts';

export const CAPTURE_BACKEND = 'tensorflow-capture';

/** Gives the function for a part of a body, written once for each name and each set of input dtypes and shapes. */
export type FusedParts = (
  name: string,
  inputs: GraphValue[],
  write: (graph: Graph, inputs: GraphValue[]) => GraphValue[],
) => FusedPart;

export interface FusedPart {
  functionName: string;
  results: { dtype: DType; shape: number[] }[];
}

interface Current {
  program: string;
  graph: Graph;
  parts: FusedParts;
}

const noParts: FusedParts = () => {
  throw new Error('this capture has no place for functions');
};

/** A tfjs backend whose tensors are values of the graph being written; it computes nothing. */
export class CaptureBackend extends tf.KernelBackend {
  #values = new Map<object, { value: GraphValue; graph: Graph }>();
  #current: Current | null = null;

  /**
   * Runs `action` with this backend active and its ops going into `graph`; everything made meanwhile is forgotten
   * after.
   */
  capture<T>(program: string, graph: Graph, action: () => T, parts: FusedParts = noParts): T {
    if (this.#current) throw new Error(`program ${program} is compiled inside the body of ${this.#current.program}`);
    const activeBefore = tf.getBackend();
    this.#current = { program, graph, parts };
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

  /**
   * Runs `action` with its ops going into `graph`, in the middle of a capture; values of the outer graph are not there
   * for it.
   */
  within<T>(graph: Graph, action: () => T): T {
    const outer = this.#current!;
    this.#current = { ...outer, graph };
    try {
      return action();
    } finally {
      this.#current = outer;
    }
  }

  get graph(): Graph {
    if (!this.#current) throw new Error('a tfjs op ran on the capturing backend outside of a capture');
    return this.#current.graph;
  }

  /** Functions that the nodes of this capture call. */
  get parts(): FusedParts {
    return this.#current!.parts;
  }

  graphValue(tensor: tf.TensorInfo): GraphValue {
    const known = this.#values.get(tensor.dataId);
    if (!known || known.graph !== this.graph) {
      throw new Error(
        `the body of ${this.#current?.program ?? 'a program'} uses a ${tensor.dtype} [${tensor.shape}] tensor that was made ` +
          'outside of it: make it inside, or pass its values as an input',
      );
    }
    return known.value;
  }

  tensorInfo(value: GraphValue): tf.TensorInfo {
    const dataId = {};
    this.#values.set(dataId, { value, graph: this.graph });
    return { dataId, shape: value.shape, dtype: value.dtype === 'bfloat16' ? 'float32' : (value.dtype as tf.DataType) };
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
      `a tensor in the body of ${this.#current?.program ?? 'a program'} has no value yet: the body is captured once and its ops run ` +
        'later, in TensorFlow. Return the tensor as an output instead of reading it (data, dataSync, array, print)',
    );
  }

  override async read(): Promise<never> {
    return this.readSync();
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

/** tfjs writes `ones` and `zeros` of any size out as arrays: one value repeated becomes a Fill, not megabytes of graph. */
function constantOf(
  graph: Graph,
  array: Float32Array | Int32Array | Uint8Array,
  shape: number[],
  dtype: DType,
): GraphValue {
  if (array.length <= 8 || !array.every((value) => Object.is(value, array[0])))
    return graph.constant(array, shape, dtype);
  return graph.node('Fill', [graph.ints(shape), graph.constant(array.slice(0, 1), [], dtype)]);
}
