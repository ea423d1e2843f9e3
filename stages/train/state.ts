import type { TensorSource } from '../../src/artifacts/checkpoint/safetensors.ts';
import { openNewestTraining, type SavedTraining } from '../../src/artifacts/checkpoint/training-state.ts';
import type { Engine, Variable } from '../../src/engine/engine.ts';
import { layoutOf } from '../../src/lm/model/layouts.ts';
import { stateShapes } from '../../src/lm/training/training-step.ts';
import { StageInputError } from '../../src/pipeline/stage-kind.ts';
import type { Start } from './start/init.ts';
import type { Params } from './params/params.ts';
import { frozenOf } from './params/update.ts';

export type Variables = Record<string, Variable>;

export function openSaved(dir: string, params: Params): SavedTraining | null {
  try {
    return openNewestTraining(dir, shapesOf(params));
  } catch (error) {
    throw new StageInputError(
      `cannot resume from the checkpoint: ${(error as Error).message}`,
      `remove ${dir} to start from the beginning`,
    );
  }
}

/** Variables with the state of the checkpoint if there is one, else with the initial weights and zeros. */
export function stateIn(
  engine: Engine,
  params: Params,
  { start, saved }: { start: Start; saved: SavedTraining | null },
): Variables {
  const valueOf = (name: string, shape: number[]): Float32Array => {
    if (saved) return saved.read(name);
    if (name.startsWith('weights/')) return start.read(name.slice('weights/'.length));
    return new Float32Array(shape.reduce((product, length) => product * length, 1));
  };
  return Object.fromEntries(
    Object.entries(shapesOf(params)).map(([name, shape]) => [name, engine.variable(name, shape, valueOf(name, shape))]),
  );
}

/** Shapes of the tensors in a checkpoint: `weights/…` and the optimizer's state. */
export function shapesOf(params: Params): Record<string, number[]> {
  return stateShapes({ optimizer: params.optimizer, frozen: frozenOf(params) }, layoutOf(params.model).weightShapes);
}

export function ofPart(variables: Variables, part: 'weights'): Variables {
  return Object.fromEntries(Object.entries(variables).filter(([name]) => name.startsWith(`${part}/`)));
}

/** The whole state, by prefixed names. */
export function tensorsOf(engine: Engine, variables: Variables): TensorSource[] {
  return Object.entries(variables).map(([name, variable]) => ({
    name,
    shape: variable.shape,
    read: () => engine.read(variable),
  }));
}

/** Only the weights, by their published names. */
export function weightsOf(engine: Engine, variables: Variables): TensorSource[] {
  return tensorsOf(engine, ofPart(variables, 'weights')).map((tensor) => ({
    ...tensor,
    name: tensor.name.slice('weights/'.length),
  }));
}
