import type { CaptureBackend } from '../../capture/capture-backend.ts';
import type { GraphBuilder, GraphValue } from '../../capture/graph-builder.ts';
import { checkedBody } from '../../check-body.ts';
import { dtypeOfVariable, type DType } from '../../dtype.ts';
import type { Body, Signature } from '../../engine.ts';
import type { Pointer } from '../c/api.ts';
import type { TensorFlowLibrary } from '../c/load-library.ts';
import { fuseIntoFunctions, type FusedFunction } from './fused-functions.ts';
import { openGraph, type Compiler, type Graph } from './graph.ts';
import { tensorFlowBuilder } from './graph-builder.ts';

/**
 * A body as a TensorFlow function. Its parameters are the inputs, then the variables' handles, in the signature's
 * order.
 */
export interface CapturedFunction {
  /** unique in the context, unlike the program's */
  readonly name: string;
  readonly program: string;
  readonly pointer: Pointer<'function'>;
  readonly outputs: { key: string; shape: number[]; dtype: DType }[];
  /** functions that this one calls */
  readonly fused: FusedFunction[];
  describe(nodeName: string): string | undefined;
}

interface Request {
  name: string;
  program: string;
  signature: Signature;
  body: Body;
  compiler: Compiler;
}

export function captureFunction(
  library: TensorFlowLibrary,
  backend: CaptureBackend,
  request: Request,
): CapturedFunction {
  const { name, program, compiler } = request;
  const graph = openGraph(library, compiler);
  const fused: FusedFunction[] = [];
  const builder = tensorFlowBuilder(
    graph,
    compiler === 'graph' ? fuseIntoFunctions(library, graph, name, fused) : undefined,
  );
  try {
    return backend.capture(program, builder, () => ({ ...capture(backend, graph, builder, request), fused }));
  } catch (error) {
    for (const { pointer } of fused) library.api.TF_DeleteFunction(pointer);
    throw error;
  } finally {
    graph.close();
  }
}

function capture(
  backend: CaptureBackend,
  graph: Graph,
  builder: GraphBuilder,
  { name, program, signature, body }: Request,
): Omit<CapturedFunction, 'fused'> {
  const inputs = mapValues(signature.inputs, ({ shape, dtype }) => graph.placeholder(dtype, shape));
  const resources = mapValues(signature.variables, () => graph.resource());
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
    value: widened(builder, backend.graphValue(tensor)),
  }));
  // One node between all reads and all assignments: an edge from each to each would be millions in a deep model.
  const allRead = graph.action(
    'NoOp',
    [],
    {},
    Object.values(variables).map(({ read }) => read),
  );
  const assignments = Object.entries(result.assign).map(([key, tensor]) => {
    const value = builder.cast(backend.graphValue(tensor), dtypeOfVariable(signature.variables[key]!));
    return graph.action('AssignVariableOp', [resources[key]!, value], { dtype: { kind: 'type', value: value.dtype } }, [
      allRead,
    ]);
  });
  return {
    name,
    program,
    pointer: graph.toFunction(name, [...Object.values(inputs), ...Object.values(resources)], outputs, assignments),
    outputs: outputs.map(({ key, value }) => ({ key, shape: value.shape, dtype: value.dtype })),
    describe: graph.describe,
  };
}

/** Programs return float32, never bfloat16. */
function widened(builder: GraphBuilder, value: GraphValue): GraphValue {
  return value.dtype === 'bfloat16' ? builder.cast(value, 'float32') : value;
}

function mapValues<A, B>(record: Record<string, A>, change: (value: A, key: string) => B): Record<string, B> {
  return Object.fromEntries(Object.entries(record).map(([key, value]) => [key, change(value, key)]));
}
