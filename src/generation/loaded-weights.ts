import { bfloat16Of, float32Of } from '../numbers/bfloat16.ts';
import { transposed } from '../numbers/transposed.ts';
import type { Engine, Variable } from '../engine/engine.ts';
import type { Model } from '../lm/model/architecture.ts';
import { singleRow, transposedBf16, type WeightLayout } from '../lm/generation/kv-cache.ts';
import type { Precision } from '../lm/ops/precision.ts';

/** Weights that the engine has, or will have. */
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

export interface DeclaredWeights extends LoadedWeights {
  /** Reads all weights into the engine. */
  fill(): void;
}

/** Puts the weights into the engine. */
export function loadWeights(request: WeightsToLoad): LoadedWeights {
  const { fill, ...weights } = declareWeights(request);
  fill();
  return weights;
}

/**
 * Chooses the fastest layout of the weights for this number of rows. In bf16, the blocks' matrices are rounded to
 * bfloat16; everything else, a third of GPT-2 124M and a twentieth of 1558M, stays float32.
 */
export function declareWeights(request: WeightsToLoad): DeclaredWeights {
  return request.rows === 1 ? forSingleRow(request) : forRows(request);
}

// ---------------------------------------------------------------------------------------------------------------------

/**
 * Memory bandwidth limits the generation of one text. So matrices are stored in bfloat16, which halves the bytes to
 * read, and as [out, in], which is faster in XLA for one row.
 */
function forSingleRow({ engine, model, read, precision }: WeightsToLoad): DeclaredWeights {
  if (precision === 'fp32')
    return {
      ...declared(engine, model, (name, shape) => ({ shape, value: () => read(name) })),
      layout: singleRow,
      promptCompiler: 'xla',
    };
  const weights = declared(engine, model, (name, shape) => {
    const [height, width] = shape as [number, number];
    return isBlockMatrix(model, name)
      ? { shape: [width, height], value: () => transposed(read(name), height, width), precision: 'bf16' }
      : { shape, value: () => read(name) };
  });
  // Only oneDNN, which the graph's ops use, multiplies many rows in bfloat16 fast.
  return { ...weights, layout: transposedBf16, promptCompiler: 'graph' };
}

/**
 * Arithmetic limits the generation of several texts, and XLA multiplies bfloat16 matrices far more slowly than float32
 * ones. So the rounded matrices are stored in float32. A transposed copy of the head makes its product four times as
 * fast.
 */
function forRows({ engine, model, read, precision }: WeightsToLoad): DeclaredWeights {
  const [V, C] = model.weightShapes[model.names.head] as [number, number];
  const { variables, fill } = declared(engine, model, (name, shape) => {
    const isRounded = precision === 'bf16' && isBlockMatrix(model, name);
    return { shape, value: () => (isRounded ? float32Of(bfloat16Of(read(name))) : read(name)) };
  });
  const head = engine.declare('head', [C, V]);
  return {
    variables: { ...variables, head },
    fill() {
      fill();
      engine.write(head, transposed(read(model.names.head), V, C));
    },
    layout: {},
    promptCompiler: 'xla',
  };
}

interface Stored {
  shape: number[];
  value(): Float32Array;
  precision?: Variable['precision'];
}

function declared(
  engine: Engine,
  { weightShapes }: Model,
  storedAs: (name: string, shape: number[]) => Stored,
): Pick<DeclaredWeights, 'variables' | 'fill'> {
  const weights = Object.entries(weightShapes).map(([name, published]) => {
    const { shape, value, precision } = storedAs(name, published);
    return { name, value, variable: engine.declare(name, shape, precision) };
  });
  return {
    variables: Object.fromEntries(weights.map(({ name, variable }) => [name, variable])),
    fill() {
      for (const { variable, value } of weights) engine.write(variable, value());
    },
  };
}

function isBlockMatrix({ names, weightShapes }: Model, name: string): boolean {
  return name.startsWith(names.blocks) && weightShapes[name]!.length === 2;
}
