import { bfloat16Of, float32Of } from '../numbers/bfloat16.ts';
import { transposed } from '../numbers/transposed.ts';
import type { Engine, Variable } from '../engine/engine.ts';
import type { Model } from '../lm/model/architecture.ts';
import { singleRow, transposedBf16, type WeightLayout } from '../lm/generation/kv-cache.ts';
import type { Precision } from '../lm/ops/precision.ts';

export interface LoadedWeights {
  variables: Record<string, Variable>;
  layout: WeightLayout;
  /** compiler of the program that reads a whole prompt; the one that reads a token is always compiled by XLA */
  promptCompiler: 'xla' | 'graph';
}

export interface WeightsToLoad {
  engine: Engine;
  model: Model;
  /** returns the values of a weight, given its published name */
  read(name: string): Float32Array;
  /** number of texts generated at once */
  rows: number;
  precision: Precision;
}

/**
 * Puts the weights into the engine, in the fastest layout for this number of rows. In bf16, the blocks' matrices are
 * rounded to bfloat16; everything else, a third of GPT-2 124M and a twentieth of 1558M, stays float32.
 */
export function loadWeights(request: WeightsToLoad): LoadedWeights {
  return request.rows === 1 ? loadForSingleRow(request) : loadForRows(request);
}

// ---------------------------------------------------------------------------------------------------------------------

/**
 * Memory bandwidth limits the generation of one text. So matrices are stored in bfloat16, which halves the bytes to
 * read, and as [out, in], which is faster in XLA for one row.
 */
function loadForSingleRow({ engine, model, read, precision }: WeightsToLoad): LoadedWeights {
  if (precision === 'fp32')
    return {
      variables: variablesOf(model, (name, shape) => engine.variable(name, shape, read(name))),
      layout: singleRow,
      promptCompiler: 'xla',
    };
  const variables = variablesOf(model, (name, shape) => {
    const [height, width] = shape as [number, number];
    return isBlockMatrix(model, name)
      ? engine.variable(name, [width, height], transposed(read(name), height, width), 'bf16')
      : engine.variable(name, shape, read(name));
  });
  // Only oneDNN, which the graph's ops use, multiplies many rows in bfloat16 fast.
  return { variables, layout: transposedBf16, promptCompiler: 'graph' };
}

/**
 * Arithmetic limits the generation of several texts, and XLA multiplies bfloat16 matrices far more slowly than float32
 * ones. So the rounded matrices are stored in float32. A transposed copy of the head makes its product four times as
 * fast.
 */
function loadForRows({ engine, model, read, precision }: WeightsToLoad): LoadedWeights {
  const [V, C] = model.weightShapes[model.names.head] as [number, number];
  const variables = variablesOf(model, (name, shape) =>
    engine.variable(
      name,
      shape,
      precision === 'bf16' && isBlockMatrix(model, name) ? float32Of(bfloat16Of(read(name))) : read(name),
    ),
  );
  const head = engine.variable('head', [C, V], transposed(read(model.names.head), V, C));
  return { variables: { ...variables, head }, layout: {}, promptCompiler: 'xla' };
}

function variablesOf(
  { weightShapes }: Model,
  variableOf: (name: string, shape: number[]) => Variable,
): Record<string, Variable> {
  return Object.fromEntries(Object.entries(weightShapes).map(([name, shape]) => [name, variableOf(name, shape)]));
}

function isBlockMatrix({ names, weightShapes }: Model, name: string): boolean {
  return name.startsWith(names.blocks) && weightShapes[name]!.length === 2;
}
