import type { GraphBuilder, GraphValue } from '../../capture/graph-builder.ts';
import type { Pointer } from '../c/api.ts';
import type { TensorFlowLibrary } from '../c/load-library.ts';
import { openGraph, type Graph } from './graph.ts';
import { tensorFlowBuilder } from './graph-builder.ts';

/** A function that a captured program calls. */
export interface FusedFunction {
  readonly name: string;
  readonly pointer: Pointer<'function'>;
}

/**
 * `fuse` for a graph that runs op by op: makes a function that XLA compiles, and calls it in `graph`. There is one
 * function for each name and each set of input dtypes and shapes. All are appended to `functions`; their names begin
 * with that of the caller.
 */
export function fuseIntoFunctions(
  library: TensorFlowLibrary,
  graph: Graph,
  caller: string,
  functions: FusedFunction[],
): GraphBuilder['fuse'] {
  const known = new Map<string, { functionName: string; results: GraphValue[] }>();
  return (name, inputs, build) => {
    const key = `${name} ${inputs.map(({ dtype, shape }) => `${dtype}[${shape}]`).join(' ')}`;
    let called = known.get(key);
    if (!called) {
      const functionName = `${caller}_${functions.length}_${name}`;
      const { pointer, results } = newFunction(library, functionName, inputs, build);
      functions.push({ name: functionName, pointer });
      known.set(key, (called = { functionName, results }));
    }
    return graph.call(called.functionName, inputs, called.results);
  };
}

function newFunction(
  library: TensorFlowLibrary,
  functionName: string,
  inputs: GraphValue[],
  build: Parameters<GraphBuilder['fuse']>[2],
): { pointer: Pointer<'function'>; results: GraphValue[] } {
  const graph = openGraph(library, 'xla');
  try {
    const parameters = inputs.map(({ dtype, shape }) => graph.placeholder(dtype, shape));
    const results = build(
      tensorFlowBuilder(graph),
      parameters.map((value, index) => graph.ensureShape(value, inputs[index]!.shape)),
    );
    const outputs = results.map((value, index) => ({ key: `result_${index}`, value }));
    return { pointer: graph.toFunction(functionName, parameters, outputs), results };
  } finally {
    graph.close();
  }
}
