import { existsSync, mkdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { writeCheckpoint } from '../../src/artifacts/checkpoint.ts';
import { publishFolder } from '../../src/artifacts/durable.ts';
import type { TensorSource } from '../../src/artifacts/safetensors.ts';
import { openNewestTraining, stepFolder, type SavedTraining, type TrainingState } from '../../src/artifacts/training-state.ts';
import type { Engine, Variable } from '../../src/engine/engine.ts';
import { weightShapes } from '../../src/lm/gpt2.ts';
import { initialWeights } from '../../src/lm/initial-weights.ts';
import { STATE_PARTS } from '../../src/lm/training-step.ts';
import { StageInputError } from '../define-stage.ts';
import type { Params } from './params.ts';

export type Variables = Record<string, Variable>;

export function openSaved(dir: string, { model }: Params): SavedTraining | null {
  const shapes = Object.entries(weightShapes(model));
  const expected = Object.fromEntries(STATE_PARTS.flatMap((part) => shapes.map(([name, shape]) => [`${part}/${name}`, shape])));
  try {
    return openNewestTraining(dir, expected);
  } catch (error) {
    throw new StageInputError(`the checkpoint to go on from cannot be used: ${(error as Error).message}`, `remove ${dir} to begin again`);
  }
}

export function stateIn(engine: Engine, { model, seed }: Params, saved: SavedTraining | null): Variables {
  const start = saved ? null : initialWeights(model, seed);
  const valueOf = (part: string, name: string, shape: number[]): Float32Array => {
    if (saved) return saved.read(`${part}/${name}`);
    return part === 'weights' ? start![name]! : new Float32Array(shape.reduce((product, length) => product * length, 1));
  };
  const variables: Variables = {};
  for (const part of STATE_PARTS) {
    for (const [name, shape] of Object.entries(weightShapes(model))) {
      variables[`${part}/${name}`] = engine.variable(`${part}/${name}`, shape, valueOf(part, name, shape));
    }
  }
  return variables;
}

export function ofPart(variables: Variables, part: (typeof STATE_PARTS)[number]): Variables {
  return Object.fromEntries(Object.entries(variables).filter(([name]) => name.startsWith(`${part}/`)));
}

/** Weights alone keep their published names, whole states the prefixed ones. */
export function tensorsOf(engine: Engine, variables: Variables): TensorSource[] {
  const whole = Object.keys(variables).some((name) => name.startsWith('m/'));
  return Object.entries(variables).map(([name, variable]) => ({
    name: whole ? name : name.slice('weights/'.length),
    shape: variable.shape,
    read: () => engine.read(variable),
  }));
}

export async function saveBest(
  bestDir: string,
  { state, params, engine, variables, separator }: { state: TrainingState; params: Params; engine: Engine; variables: Variables; separator: number },
): Promise<void> {
  const dir = join(bestDir, stepFolder(state.step));
  if (existsSync(dir)) return; // from an attempt that was killed between here and its next checkpoint: the same bits
  const partialDir = `${dir}.partial`;
  rmSync(partialDir, { recursive: true, force: true });
  mkdirSync(partialDir, { recursive: true });
  const { model, seed } = params;
  const training = { version: 1 as const, step: state.step, seed, init: { kind: 'random' as const, seed }, validationLoss: state.best!.loss };
  await writeCheckpoint(partialDir, { model, separator, training, tensors: tensorsOf(engine, ofPart(variables, 'weights')) });
  publishFolder(partialDir, dir);
}

export function checkFinite(values: Record<string, number>, step: number, checkpointsDir: string): void {
  for (const [name, value] of Object.entries(values)) {
    if (Number.isFinite(value)) continue;
    const hint = `lower schedule.peak or lengthen schedule.warmupSteps; the last checkpoint before is kept in ${checkpointsDir}`;
    throw new StageInputError(`training broke down at step ${step}: its ${name} is ${value}`, hint);
  }
}
