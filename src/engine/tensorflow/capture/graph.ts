import type { Output, Pointer } from '../c/api.ts';
import { dtypeNumbers, dtypeOf, type DType } from '../c/dtype.ts';
import type { TensorFlowLibrary } from '../c/load-library.ts';
import { checked } from '../c/status.ts';
import { dimsOf, newTensor } from '../c/tensors.ts';

/** One result of one node of a graph, with what tfjs wants to know of a tensor. */
export interface GraphValue {
  readonly output: Output;
  readonly dtype: DType;
  readonly shape: number[];
  /** A constant of one value: takes the precision of what it is combined with. */
  readonly weak?: boolean;
}

export type Attribute =
  | { kind: 'type'; value: DType }
  | { kind: 'bool'; value: boolean }
  | { kind: 'int'; value: number }
  | { kind: 'float'; value: number }
  | { kind: 'shape'; value: readonly number[] }
  | { kind: 'string'; value: string }
  | { kind: 'tensor'; value: Pointer<'tensor'> }
  | { kind: 'types'; value: readonly DType[] }
  | { kind: 'function'; value: string };

export type Attributes = Record<string, Attribute>;

/** XLA compiles the graph as a whole; `graph` leaves it to Grappler and runs it op by op, oneDNN's kernels among them. */
export type Compiler = 'xla' | 'graph';

/** A TF_Graph being written. Node names are counted, so that the same body gives the same graph in every process. */
export interface Graph {
  readonly pointer: Pointer<'graph'>;
  /** what will run it: some ops exist for one of them only */
  readonly compiler: Compiler;
  /** Adds a node and returns all its outputs; an array among `inputs` is one list input. */
  nodes(type: string, inputs: (GraphValue | GraphValue[])[], attributes?: Attributes): GraphValue[];
  /** Adds a node and returns its first output. */
  node(type: string, inputs: (GraphValue | GraphValue[])[], attributes?: Attributes): GraphValue;
  /** Reads a variable; its shape is unknown to TensorFlow inside a function, so it is asserted. */
  readVariable(
    resource: GraphValue,
    shape: readonly number[],
    dtype: DType,
  ): { read: Pointer<'operation'>; value: GraphValue };
  /** Asserts a shape. Function parameters lose theirs; Grappler finds it again here. */
  ensureShape(value: GraphValue, shape: readonly number[]): GraphValue;
  /** Calls a function, compiled by XLA, whose results' dtypes and shapes are known. */
  call(functionName: string, inputs: GraphValue[], results: { dtype: DType; shape: number[] }[]): GraphValue[];
  /** Adds a node without outputs that runs after `before`. */
  action(
    type: string,
    inputs: GraphValue[],
    attributes: Attributes,
    before: Pointer<'operation'>[],
  ): Pointer<'operation'>;
  /**
   * The same value, but only once `after` has been computed, and a value of its own: no op on it is merged with one on
   * `value`.
   */
  barrier(value: GraphValue, after: GraphValue[]): GraphValue;
  constant(values: Float32Array | Int32Array | Uint8Array, shape: readonly number[], dtype: DType): GraphValue;
  /** A one-dimensional int32 constant: axes, shapes, permutations. */
  ints(values: readonly number[]): GraphValue;
  int(value: number): GraphValue;
  placeholder(dtype: DType, shape: readonly number[]): GraphValue;
  /** `MatMul on float32 [2,3], float32 [4,5]` of a node's name, for error messages. */
  describe(nodeName: string): string | undefined;
  close(): void;
}

export function openGraph(library: TensorFlowLibrary, compiler: Compiler): Graph {
  const { api } = library;
  const pointer = api.TF_NewGraph();
  const descriptions = new Map<string, string>();
  const constants = new Map<string, GraphValue>();

  const finish = (
    type: string,
    inputs: (GraphValue | GraphValue[])[],
    attributes: Attributes,
    before: Pointer<'operation'>[],
  ) => {
    const name = `${type}_${descriptions.size}`;
    const description = `${type} on ${inputs.flat().map(signatureOf).join(', ') || 'nothing'}`;
    descriptions.set(name, description);
    const node = api.TF_NewOperation(pointer, type, name);
    for (const input of inputs) {
      if (Array.isArray(input))
        api.TF_AddInputList(
          node,
          input.map((value) => value.output),
          input.length,
        );
      else api.TF_AddInput(node, input.output);
    }
    for (const operation of before) api.TF_AddControlInput(node, operation);
    for (const [key, attribute] of Object.entries(attributes)) setAttribute(library, node, key, attribute);
    return checked(api, `op ${description}`, (status) => api.TF_FinishOperation(node, status));
  };

  const valueOf = (oper: Pointer<'operation'>, index: number, type: string): GraphValue => {
    const output = { oper, index };
    return {
      output,
      dtype: dtypeOf(api.TF_OperationOutputType(output)),
      shape: shapeOf(library, pointer, output, type),
    };
  };

  const graph: Graph = {
    pointer,
    compiler,
    nodes(type, inputs, attributes = {}) {
      const operation = finish(type, inputs, attributes, []);
      return Array.from({ length: api.TF_OperationNumOutputs(operation) }, (_, index) =>
        valueOf(operation, index, type),
      );
    },
    node(type, inputs, attributes = {}) {
      return valueOf(finish(type, inputs, attributes, []), 0, type);
    },
    readVariable(resource, shape, dtype) {
      const read = finish('ReadVariableOp', [resource], { dtype: { kind: 'type', value: dtype } }, []);
      return { read, value: graph.ensureShape({ output: { oper: read, index: 0 }, dtype, shape: [...shape] }, shape) };
    },
    ensureShape: (value, shape) => graph.node('EnsureShape', [value], { shape: { kind: 'shape', value: shape } }),
    call(functionName, inputs, results) {
      const operation = finish(
        'PartitionedCall',
        [inputs],
        {
          f: { kind: 'function', value: functionName },
          Tout: { kind: 'types', value: results.map(({ dtype }) => dtype) },
          _XlaMustCompile: { kind: 'bool', value: true },
        },
        [],
      );
      return results.map(({ dtype, shape }, index) =>
        graph.ensureShape({ output: { oper: operation, index }, dtype, shape }, shape),
      );
    },
    action: finish,
    barrier(value, after) {
      switch (compiler) {
        case 'xla':
          // XLA drops its own OptimizationBarrier before it orders and merges; a sum it cannot know to be zero holds.
          return graph.node('AddV2', [value, zeroFrom(graph, after, value.dtype)]);
        case 'graph':
          return valueOf(
            finish(
              'Identity',
              [value],
              {},
              after.map(({ output }) => output.oper),
            ),
            0,
            'Identity',
          );
      }
    },
    constant(values, shape, dtype) {
      // Small constants (axes, shapes, epsilons) come by the thousand and by the dozen alike: one node each.
      const key =
        values.length <= 8
          ? `${dtype}[${shape}]${Array.from(values, (value) => (Object.is(value, -0) ? '-0' : value))}`
          : null;
      const known = key === null ? undefined : constants.get(key);
      if (known) return known;
      const tensor = newTensor(library, values, shape, dtype);
      try {
        const node = graph.node('Const', [], {
          value: { kind: 'tensor', value: tensor },
          dtype: { kind: 'type', value: dtype },
        });
        const value = values.length === 1 && shape.length === 0 ? { ...node, weak: true } : node;
        if (key !== null) constants.set(key, value);
        return value;
      } finally {
        api.TF_DeleteTensor(tensor);
      }
    },
    ints: (values) => graph.constant(Int32Array.from(values), [values.length], 'int32'),
    int: (value) => graph.constant(Int32Array.of(value), [], 'int32'),
    placeholder(dtype, shape) {
      return graph.node('Placeholder', [], {
        dtype: { kind: 'type', value: dtype },
        shape: { kind: 'shape', value: shape },
      });
    },
    describe: (nodeName) => descriptions.get(nodeName),
    close: () => api.TF_DeleteGraph(pointer),
  };
  return graph;
}

/**
 * A scalar 0 that needs one number of each of `values`. NaN, should that be one: then so is the gradient, and the step
 * is not applied.
 */
function zeroFrom(graph: Graph, values: GraphValue[], dtype: DType): GraphValue {
  const firsts = values.map((value) => {
    const first = graph.node('Slice', [
      value,
      graph.ints(value.shape.map(() => 0)),
      graph.ints(value.shape.map(() => 1)),
    ]);
    const scalar = graph.node('Reshape', [first, graph.ints([])]);
    return graph.node('Abs', [
      scalar.dtype === 'float32' ? scalar : graph.node('Cast', [scalar], { DstT: { kind: 'type', value: 'float32' } }),
    ]);
  });
  const sum = firsts.length === 1 ? firsts[0]! : graph.node('AddN', [firsts]);
  const zero = graph.node('Minimum', [sum, graph.constant(Float32Array.of(0), [], 'float32')]);
  return dtype === 'float32' ? zero : graph.node('Cast', [zero], { DstT: { kind: 'type', value: dtype } });
}

function setAttribute(
  library: TensorFlowLibrary,
  node: Pointer<'operation description'>,
  key: string,
  attribute: Attribute,
): void {
  const { api } = library;
  switch (attribute.kind) {
    case 'type':
      return api.TF_SetAttrType(node, key, dtypeNumbers[attribute.value]);
    case 'bool':
      return api.TF_SetAttrBool(node, key, attribute.value ? 1 : 0);
    case 'int':
      return api.TF_SetAttrInt(node, key, BigInt(attribute.value));
    case 'float':
      return api.TF_SetAttrFloat(node, key, attribute.value);
    case 'shape':
      return api.TF_SetAttrShape(node, key, dimsOf(attribute.value), attribute.value.length);
    case 'types':
      return api.TF_SetAttrTypeList(
        node,
        key,
        Int32Array.from(attribute.value, (dtype) => dtypeNumbers[dtype]),
        attribute.value.length,
      );
    case 'function':
      return api.TF_SetAttrFuncName(node, key, attribute.value, Buffer.byteLength(attribute.value));
    case 'string':
      throw new Error("a node's string attribute is not bound");
    case 'tensor':
      return checked(api, `attribute ${key}`, (status) => api.TF_SetAttrTensor(node, key, attribute.value, status));
  }
}

function shapeOf({ api }: TensorFlowLibrary, graph: Pointer<'graph'>, output: Output, type: string): number[] {
  return checked(api, `shape of ${type}`, (status) => {
    const rank = api.TF_GraphGetTensorNumDims(graph, output, status);
    if (rank === 0) return [];
    const dims = new BigInt64Array(Math.max(1, rank));
    if (rank > 0) api.TF_GraphGetTensorShape(graph, output, dims, rank, status);
    if (rank < 0 || dims.some((length) => length < 0n)) {
      throw new Error(`the shape of ${type}'s result depends on values: it cannot be captured`);
    }
    return Array.from(dims, Number);
  });
}

function signatureOf(value: GraphValue): string {
  return `${value.dtype} [${value.shape}]`;
}
