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
 * `fuse` for a graph that runs op by op: makes a function that XLA compiles, and calls it in `graph`. There is one for
 * each name and each set of input dtypes and shapes; all are appended to `made`. Their names begin with `program`.
 */
export function fuseIntoFunctions(
  library: TensorFlowLibrary,
  graph: Graph,
  program: string,
  made: FusedFunction[],
): GraphBuilder['fuse'] {
  const known = new Map<string, { functionName: string; results: GraphValue[] }>();

  const newFunction: (...given: Parameters<GraphBuilder['fuse']>) => { functionName: string; results: GraphValue[] } = (
    name,
    inputs,
    build,
  ) => {
    const inside = openGraph(library, 'xla');
    try {
      const parameters = inputs.map(({ dtype, shape }) => inside.placeholder(dtype, shape));
      const results = build(
        tensorFlowBuilder(inside),
        parameters.map((value, index) => inside.ensureShape(value, inputs[index]!.shape)),
      );
      const functionName = `${program}_${made.length}_${name}`;
      const outputs = results.map((value, index) => ({ key: `result_${index}`, value }));
      made.push({ name: functionName, pointer: inside.toFunction(functionName, parameters, outputs) });
      return { functionName, results };
    } finally {
      inside.close();
    }
  };

  return (name, inputs, build) => {
    const key = `${name} ${inputs.map(({ dtype, shape }) => `${dtype}[${shape}]`).join(' ')}`;
    const { functionName, results } = known.get(key) ?? newFunction(name, inputs, build);
    known.set(key, { functionName, results });
    return graph.call(functionName, inputs, results);
  };
}
