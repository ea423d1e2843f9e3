import type { DType, TfjsDType, Values } from '../../dtype.ts';
import type { GraphValue } from '../../capture/graph-builder.ts';
import type { Output, Pointer } from '../c/api.ts';
import { setNodeAttributes, type Attributes } from '../c/attributes.ts';
import { dtypeOf, type TensorFlowDType } from '../c/dtype.ts';
import type { TensorFlowLibrary } from '../c/load-library.ts';
import { checked } from '../c/status.ts';
import { newTensor } from '../c/tensors.ts';

/** An output of a node. If it is a tensor, kernels can use it as a `GraphValue`. */
interface NodeOutput<D extends TensorFlowDType = DType> {
  readonly output: Output;
  readonly dtype: D;
  readonly shape: number[];
  readonly weak?: boolean;
}

/** The handle of a variable, as a parameter of the graph. */
export type Resource = NodeOutput<'resource'>;

type NodeInput = GraphValue | Resource;

/** XLA compiles the graph as a whole; `graph` leaves it to Grappler and runs it op by op, with oneDNN's kernels. */
export type Compiler = 'xla' | 'graph';

/** A TF_Graph that is being built. Node names are counted, so that a body gives the same graph in every process. */
export interface Graph {
  /** what will run it: some ops exist for one of them only */
  readonly compiler: Compiler;
  /** Adds a node and returns all its outputs; an array among `inputs` is one list input. */
  nodes(type: string, inputs: (NodeInput | GraphValue[])[], attributes?: Attributes): GraphValue[];
  /** Adds a node and returns its first output. */
  node(type: string, inputs: (NodeInput | GraphValue[])[], attributes?: Attributes): GraphValue;
  /** Like `node`, but the node runs only after those of `values`. */
  nodeAfter(values: GraphValue[], type: string, inputs: GraphValue[]): GraphValue;
  /** Reads a variable. TensorFlow does not know its shape inside a function, so it is asserted. */
  readVariable(
    resource: Resource,
    shape: readonly number[],
    dtype: DType,
  ): { read: Pointer<'operation'>; value: GraphValue };
  /** Asserts a shape: function parameters lose theirs, and Grappler needs it. */
  ensureShape(value: GraphValue, shape: readonly number[]): GraphValue;
  /** Calls a function that XLA compiles, and whose results' dtypes and shapes are known. */
  call(functionName: string, inputs: GraphValue[], results: { dtype: DType; shape: number[] }[]): GraphValue[];
  /** Adds a node without outputs that runs after `before`. */
  action(
    type: string,
    inputs: NodeInput[],
    attributes: Attributes,
    before: Pointer<'operation'>[],
  ): Pointer<'operation'>;
  constant(values: Values, shape: readonly number[], dtype: TfjsDType): GraphValue;
  /** A one-dimensional int32 constant: axes, shapes, permutations. */
  ints(values: readonly number[]): GraphValue;
  /** An int32 scalar. */
  int(value: number): GraphValue;
  placeholder(dtype: DType, shape: readonly number[]): GraphValue;
  resource(): Resource;
  /** Describes a node in an error message: `MatMul on float32 [2,3], float32 [4,5]`. */
  describe(nodeName: string): string | undefined;
  /** The graph as a function; `controls` run whenever it is called. The caller deletes it. */
  toFunction(
    name: string,
    parameters: NodeInput[],
    outputs: { key: string; value: GraphValue }[],
    controls?: Pointer<'operation'>[],
  ): Pointer<'function'>;
  close(): void;
}

export function openGraph(library: TensorFlowLibrary, compiler: Compiler): Graph {
  const { api } = library;
  const pointer = api.TF_NewGraph();
  const descriptions = new Map<string, string>();
  const constants = new Map<string, GraphValue>();

  const addNode = (
    type: string,
    inputs: (NodeInput | GraphValue[])[],
    attributes: Attributes,
    before: Pointer<'operation'>[],
  ): Pointer<'operation'> => {
    const name = `${type}_${descriptions.size}`;
    const description = `${type} on ${inputs.flat().map(signatureOf).join(', ') || 'nothing'}`;
    descriptions.set(name, description);
    const node = api.TF_NewOperation(pointer, type, name);
    for (const input of inputs) {
      if (Array.isArray(input)) api.TF_AddInputList(node, input.map(outputOf), input.length);
      else api.TF_AddInput(node, outputOf(input));
    }
    for (const operation of before) api.TF_AddControlInput(node, operation);
    setNodeAttributes(api, node, attributes);
    return checked(api, `op ${description}`, (status) => api.TF_FinishOperation(node, status));
  };

  const valueOf = (oper: Pointer<'operation'>, index: number, type: string): NodeOutput => {
    const output = { oper, index };
    return {
      output,
      dtype: dtypeOf(api.TF_OperationOutputType(output)),
      shape: shapeOf(library, pointer, output, type),
    };
  };

  /** An output whose shape TensorFlow cannot infer. */
  const outputWithShape = (
    oper: Pointer<'operation'>,
    index: number,
    { dtype, shape }: { dtype: DType; shape: readonly number[] },
  ): GraphValue => {
    const value: NodeOutput = { output: { oper, index }, dtype, shape: [...shape] };
    return graph.ensureShape(value, shape);
  };

  const newConstant = (values: Values, shape: readonly number[], dtype: TfjsDType): GraphValue => {
    const tensor = newTensor(library, values, shape, dtype);
    try {
      const value = graph.node('Const', [], {
        value: { kind: 'tensor', value: tensor },
        dtype: { kind: 'type', value: dtype },
      });
      return values.length === 1 && shape.length === 0 ? { ...value, weak: true } : value;
    } finally {
      api.TF_DeleteTensor(tensor);
    }
  };

  const graph: Graph = {
    compiler,
    nodes(type, inputs, attributes = {}) {
      const operation = addNode(type, inputs, attributes, []);
      return Array.from({ length: api.TF_OperationNumOutputs(operation) }, (_, index) =>
        valueOf(operation, index, type),
      );
    },
    node: (type, inputs, attributes = {}) => valueOf(addNode(type, inputs, attributes, []), 0, type),
    nodeAfter(values, type, inputs) {
      const before = values.map((value) => outputOf(value).oper);
      return valueOf(addNode(type, inputs, {}, before), 0, type);
    },
    readVariable(resource, shape, dtype) {
      const read = addNode('ReadVariableOp', [resource], { dtype: { kind: 'type', value: dtype } }, []);
      return { read, value: outputWithShape(read, 0, { dtype, shape }) };
    },
    ensureShape: (value, shape) => graph.node('EnsureShape', [value], { shape: { kind: 'shape', value: shape } }),
    call(functionName, inputs, results) {
      const operation = addNode(
        'PartitionedCall',
        [inputs],
        {
          f: { kind: 'function', value: functionName },
          Tout: { kind: 'types', value: results.map(({ dtype }) => dtype) },
          _XlaMustCompile: { kind: 'bool', value: true },
        },
        [],
      );
      return results.map((result, index) => outputWithShape(operation, index, result));
    },
    action: addNode,
    constant(values, shape, dtype) {
      // There are thousands of small constants (axes, shapes, epsilons), many of them equal: equal ones share a node.
      if (values.length > 8) return newConstant(values, shape, dtype);
      const key = `${dtype}[${shape}]${Array.from(values, (value) => (Object.is(value, -0) ? '-0' : value))}`;
      const value = constants.get(key) ?? newConstant(values, shape, dtype);
      constants.set(key, value);
      return value;
    },
    ints: (values) => graph.constant(Int32Array.from(values), [values.length], 'int32'),
    int: (value) => graph.constant(Int32Array.of(value), [], 'int32'),
    placeholder: (dtype, shape) => graph.node('Placeholder', [], placeholderAttributes(dtype, shape)),
    resource() {
      const oper = addNode('Placeholder', [], placeholderAttributes('resource', []), []);
      return { output: { oper, index: 0 }, dtype: 'resource', shape: [] };
    },
    describe: (nodeName) => descriptions.get(nodeName),
    toFunction(name, parameters, outputs, controls = []) {
      return checked(api, `function ${name}`, (status) =>
        api.TF_GraphToFunctionWithControlOutputs(
          pointer,
          name,
          0,
          -1,
          null,
          parameters.length,
          parameters.map(outputOf),
          outputs.length,
          outputs.map(({ value }) => outputOf(value)),
          outputs.map(({ key }) => key),
          controls.length,
          controls,
          controls.map((_, index) => `assignment_${index}`),
          null,
          '',
          status,
        ),
      );
    },
    close: () => api.TF_DeleteGraph(pointer),
  };
  return graph;
}

function placeholderAttributes(dtype: TensorFlowDType, shape: readonly number[]): Attributes {
  return { dtype: { kind: 'type', value: dtype }, shape: { kind: 'shape', value: shape } };
}

function outputOf(value: NodeInput): Output {
  if (!isNodeOutput(value)) throw new Error(`a ${signatureOf(value)} value was made by another builder`);
  return value.output;
}

function isNodeOutput(value: NodeInput): value is NodeOutput | Resource {
  return 'output' in value;
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

function signatureOf(value: NodeInput): string {
  return `${value.dtype} [${value.shape}]`;
}
