import { bfloat16Of, float32Of } from '../../src/engine/bfloat16.ts';
import type { Engine, Variable } from '../../src/engine/engine.ts';
import type { Gpt2Config } from '../../src/lm/model/gpt2.ts';
import { weightShapes } from '../../src/lm/model/weight-shapes.ts';
import { type Holding, oneRow, turnedBfloat16 } from '../../src/lm/generation/kv-cache.ts';
import type { Precision } from '../../src/lm/ops/precision.ts';

export interface HeldWeights {
  variables: Record<string, Variable>;
  holding: Holding;
  /** that reads a whole prompt; a token is XLA's in any case */
  promptCompiler: 'xla' | 'graph';
}

export interface WeightsToHold {
  engine: Engine;
  model: Gpt2Config;
  /** values of a weight, by the published name */
  read(name: string): Float32Array;
  rows: number;
  precision: Precision;
}

/**
 * The weights as they are read fastest. In bf16 the blocks' matrices are rounded to bfloat16; everything else, a third
 * of GPT-2 124M and a twentieth of 1558M, stays float32.
 */
export function heldWeights(request: WeightsToHold): HeldWeights {
  return request.rows === 1 ? heldForOneRow(request) : heldForRows(request);
}

// ---------------------------------------------------------------------------------------------------------------------

/**
 * One text waits for memory: bfloat16 matrices lie so, half as long to read, and [out, in], as XLA wants them for one
 * row.
 */
function heldForOneRow({ engine, model, read, precision }: WeightsToHold): HeldWeights {
  if (precision === 'fp32')
    return {
      variables: held(model, (name, shape) => engine.variable(name, shape, read(name))),
      holding: oneRow,
      promptCompiler: 'xla',
    };
  const variables = held(model, (name, shape) => {
    const [height, width] = shape as [number, number];
    return isMatrix(name, shape)
      ? engine.variable(name, [width, height], transposed(read(name), height, width), 'bf16')
      : engine.variable(name, shape, read(name));
  });
  // Of many rows in bfloat16 only oneDNN, in the graph's ops, makes a good product.
  return { variables, holding: turnedBfloat16, promptCompiler: 'graph' };
}

/**
 * Several texts wait for arithmetic, and XLA has none for bfloat16 matrices that comes near its float32: there the
 * rounded matrices lie in float32. The head lies there turned, too: a quarter of its time, for a copy of the
 * embedding.
 */
function heldForRows({ engine, model, read, precision }: WeightsToHold): HeldWeights {
  const { vocabularySize: V, width: C } = model;
  const variables = held(model, (name, shape) =>
    engine.variable(
      name,
      shape,
      precision === 'bf16' && isMatrix(name, shape) ? float32Of(bfloat16Of(read(name))) : read(name),
    ),
  );
  const head = engine.variable('head', [C, V], transposed(read('wte.weight'), V, C));
  return { variables: { ...variables, head }, holding: {}, promptCompiler: 'xla' };
}

function held(model: Gpt2Config, hold: (name: string, shape: number[]) => Variable): Record<string, Variable> {
  return Object.fromEntries(Object.entries(weightShapes(model)).map(([name, shape]) => [name, hold(name, shape)]));
}

function isMatrix(name: string, shape: number[]): boolean {
  return name.startsWith('h.') && shape.length === 2;
}

/** [rows, columns] to [columns, rows], tile by tile, as a whole column would touch more memory than the caches hold. */
function transposed(values: Float32Array, rows: number, columns: number): Float32Array {
  const turned = new Float32Array(values.length);
  for (let top = 0; top < rows; top += TILE) {
    for (let left = 0; left < columns; left += TILE) {
      const [bottom, right] = [Math.min(rows, top + TILE), Math.min(columns, left + TILE)];
      for (let row = top; row < bottom; row++)
        for (let column = left; column < right; column++) turned[column * rows + row] = values[row * columns + column]!;
    }
  }
  return turned;
}

const TILE = 32;
