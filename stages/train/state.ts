import { closeSync, openSync, readSync } from 'node:fs';
import { join } from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import type { TensorSource } from '../../src/artifacts/checkpoint/safetensors.ts';
import {
  damagedTrainings,
  openNewestTraining,
  stepFolder,
  type SavedTraining,
  type Sums,
  type TrainingState,
} from '../../src/artifacts/checkpoint/training-state.ts';
import { sha256Of, sha256OfFolder } from '../../src/files/sha256.ts';
import type { Engine, Variable } from '../../src/engine/engine.ts';
import { layoutOf } from '../../src/lm/model/layouts.ts';
import { stateShapes } from '../../src/lm/training/training-step.ts';
import { StageInputError } from '../../src/pipeline/stage-kind.ts';
import type { Start } from './start/init.ts';
import { count } from './params/count.ts';
import type { Context, Params } from './params/params.ts';
import { frozenOf } from './params/update.ts';

export type Variables = Record<string, Variable>;

/**
 * The newest checkpoint in the scratch folder that is intact, together with the metrics and the best weights that its
 * state refers to; null if there is none.
 */
export async function openSaved(
  scratchDir: string,
  params: Params,
  emit: Context['emit'],
): Promise<SavedTraining | null> {
  const dir = join(scratchDir, 'checkpoints');
  try {
    return await openNewestTraining(dir, shapesOf(params), {
      fits: (state, sums) => areIntact(scratchDir, state, sums),
      onDamage: (step) =>
        emit({
          kind: 'warning',
          text: `the checkpoint of step ${count(step)} is damaged; going back to an earlier one`,
        }),
    });
  } catch (error) {
    throw new StageInputError(
      `cannot resume from the checkpoint: ${(error as Error).message}`,
      `remove ${dir} to start from the beginning`,
    );
  }
}

/** The steps of the checkpoints in a scratch folder that are damaged; none if it is not of a training. */
export function damagedSteps(scratchDir: string): Promise<number[]> {
  return damagedTrainings(join(scratchDir, 'checkpoints'), (state, sums) => areIntact(scratchDir, state, sums));
}

/**
 * The sums of what is outside of a checkpoint, but belongs to its state: the metrics up to its step and the best
 * weights.
 */
export function sumsBeside(scratchDir: string, { metricsBytes, best }: TrainingState): Sums {
  const metrics = openSync(join(scratchDir, 'metrics.jsonl'), 'r');
  const written = Buffer.alloc(metricsBytes);
  readSync(metrics, written);
  closeSync(metrics);
  return {
    metrics: sha256Of(written),
    ...(best ? sha256OfFolder(join(scratchDir, 'best', stepFolder(best.step))) : {}),
  };
}

function areIntact(scratchDir: string, state: TrainingState, sums: Sums): boolean {
  if (Object.keys(sums).length === 0) return true; // saved by a version without sums
  try {
    return isDeepStrictEqual(sumsBeside(scratchDir, state), sums);
  } catch {
    return false;
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
