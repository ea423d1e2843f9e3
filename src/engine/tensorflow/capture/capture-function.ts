import { checkedBody } from '../../check-body.ts';
import type { Body, Signature } from '../../engine.ts';
import type { CaptureBackend, FusedPart, FusedParts } from './capture-backend.ts';
import type { Pointer } from '../c/api.ts';
import { dtypeOfVariable, type DType } from '../c/dtype.ts';
import { openGraph, type Compiler, type Graph, type GraphValue } from './graph.ts';
import { castTo } from './kernel.ts';
import type { TensorFlowLibrary } from '../c/load-library.ts';
import { checked } from '../c/status.ts';

/**
 * A body as a TensorFlow function: its parameters are the inputs and then the variables' handles, in the signature's
 * order.
 */
export interface CapturedFunction {
  /** unique in the context, unlike the program's */
  readonly name: string;
  readonly program: string;
  readonly pointer: Pointer<'function'>;
  readonly outputs: { key: string; shape: number[]; dtype: DType }[];
  /** functions that this one calls */
  readonly parts: { name: string; pointer: Pointer<'function'> }[];
  describe(nodeName: string): string | undefined;
}

export function captureFunction(
  library: TensorFlowLibrary,
  backend: CaptureBackend,
  request: { name: string; program: string; signature: Signature; body: Body; compiler: Compiler },
): CapturedFunction {
  const graph = openGraph(library, request.compiler);
  const parts: CapturedFunction['parts'] = [];
  try {
    const body = () => ({ ...capture(library, backend, graph, request), parts });
    return backend.capture(request.program, graph, body, partsOf(library, backend, request.name, parts));
  } catch (error) {
    for (const { pointer } of parts) library.api.TF_DeleteFunction(pointer);
    throw withKernelName(request.program, error);
  } finally {
    graph.close();
  }
}

function capture(
  library: TensorFlowLibrary,
  backend: CaptureBackend,
  graph: Graph,
  { name, program, signature, body }: { name: string; program: string; signature: Signature; body: Body },
): Omit<CapturedFunction, 'parts'> {
  const inputs = mapValues(signature.inputs, ({ shape, dtype }) => graph.placeholder(dtype, shape));
  const resources = mapValues(signature.variables, () => graph.placeholder('resource', []));
  const variables = mapValues(resources, (resource, key) =>
    graph.readVariable(resource, signature.variables[key]!.shape, dtypeOfVariable(signature.variables[key]!)),
  );

  const result = checkedBody(
    program,
    signature,
    body,
  )(
    mapValues(inputs, (input, key) => backend.tensor(graph.ensureShape(input, signature.inputs[key]!.shape))),
    mapValues(variables, ({ value }) => backend.tensor(value)),
  );

  const outputs = Object.entries(result.outputs).map(([key, tensor]) => ({
    key,
    value: widened(graph, backend.graphValue(tensor)),
  }));
  // One node between all reads and all assignments, rather than an edge from each to each: those are millions in a deep model.
  const allRead = graph.action(
    'NoOp',
    [],
    {},
    Object.values(variables).map(({ read }) => read),
  );
  const assignments = Object.entries(result.assign).map(([key, tensor]) =>
    assign(
      graph,
      resources[key]!,
      castTo(graph, backend.graphValue(tensor), dtypeOfVariable(signature.variables[key]!)),
      allRead,
    ),
  );
  return {
    name,
    program,
    pointer: toFunction(
      library,
      graph,
      name,
      [...Object.values(inputs), ...Object.values(resources)],
      outputs,
      assignments,
    ),
    outputs: outputs.map(({ key, value }) => ({ key, shape: value.shape, dtype: value.dtype })),
    describe: graph.describe,
  };
}

function partsOf(
  library: TensorFlowLibrary,
  backend: CaptureBackend,
  caller: string,
  made: CapturedFunction['parts'],
): FusedParts {
  const known = new Map<string, FusedPart>();
  return (name, inputs, write) => {
    const key = `${name} ${inputs.map(({ dtype, shape }) => `${dtype}[${shape}]`).join(' ')}`;
    const before = known.get(key);
    if (before) return before;
    const graph = openGraph(library, 'xla');
    try {
      const parameters = inputs.map(({ dtype, shape }) => graph.placeholder(dtype, shape));
      const results = backend.within(graph, () =>
        write(
          graph,
          parameters.map((value, place) => graph.ensureShape(value, inputs[place]!.shape)),
        ),
      );
      const functionName = `${caller}_${made.length}_${name}`;
      made.push({
        name: functionName,
        pointer: toFunction(
          library,
          graph,
          functionName,
          parameters,
          results.map((value, place) => ({ key: `result_${place}`, value })),
          [],
        ),
      });
      const part = { functionName, results };
      known.set(key, part);
      return part;
    } finally {
      graph.close();
    }
  };
}

/** What leaves the graph is float32. */
function widened(graph: Graph, value: GraphValue): GraphValue {
  return value.dtype === 'bfloat16' ? castTo(graph, value, 'float32') : value;
}

function assign(
  graph: Graph,
  resource: GraphValue,
  value: GraphValue,
  after: Pointer<'operation'>,
): Pointer<'operation'> {
  return graph.action('AssignVariableOp', [resource, value], { dtype: { kind: 'type', value: value.dtype } }, [after]);
}

function toFunction(
  library: TensorFlowLibrary,
  graph: Graph,
  name: string,
  parameters: GraphValue[],
  outputs: { key: string; value: GraphValue }[],
  controls: Pointer<'operation'>[],
): Pointer<'function'> {
  const { api } = library;
  return checked(api, `function ${name}`, (status) =>
    api.TF_GraphToFunctionWithControlOutputs(
      graph.pointer,
      name,
      0,
      -1,
      null,
      parameters.length,
      parameters.map((value) => value.output),
      outputs.length,
      outputs.map(({ value }) => value.output),
      outputs.map(({ key }) => key),
      controls.length,
      controls,
      controls.map((_, index) => `assignment_${index}`),
      null,
      '',
      status,
    ),
  );
}

function withKernelName(program: string, error: unknown): unknown {
  if (!(error instanceof Error)) return error;
  const kernel = /^Kernel '(\w+)' not registered for backend/.exec(error.message)?.[1];
  const message = kernel
    ? `tfjs's kernel ${kernel} has no TensorFlow translation yet (they are in src/engine/tensorflow/kernels); engine: tfjs runs it`
    : error.message;
  return new Error(`program ${program} cannot be captured: ${message}`, { cause: error });
}

function mapValues<A, B>(record: Record<string, A>, change: (value: A, key: string) => B): Record<string, B> {
  return Object.fromEntries(Object.entries(record).map(([key, value]) => [key, change(value, key)]));
}
