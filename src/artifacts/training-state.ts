import { existsSync, mkdirSync, readFileSync, readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { Type, type Static } from '@sinclair/typebox';
import { Value } from '@sinclair/typebox/value';
import { checkShapes } from './checkpoint.ts';
import { publishFolder, writeTextDurably } from './durable.ts';
import { openSafetensors, writeSafetensors, type TensorSource } from './safetensors.ts';

/** All that a training run needs to go on, in a folder `step-00000400`: the tensors, and this record beside them. */
export const TrainingState = Type.Object({
  version: Type.Literal(1),
  /** finished optimizer steps */
  step: Type.Integer({ minimum: 0 }),
  /** length of `metrics.jsonl` at this step; what stands behind it was written by steps that are lost */
  metricsBytes: Type.Integer({ minimum: 0 }),
  /** the lowest validation loss so far, in nats */
  best: Type.Union([Type.Null(), Type.Object({ step: Type.Integer({ minimum: 0 }), loss: Type.Number() })]),
});
export type TrainingState = Static<typeof TrainingState>;

export interface SavedTraining {
  state: TrainingState;
  read(name: string): Float32Array;
  close(): void;
}

export function stepFolder(step: number): string {
  return `step-${String(step).padStart(8, '0')}`;
}

/** Writes the folder aside, publishes it, and only then removes the older ones. */
export async function saveTraining(dir: string, state: TrainingState, tensors: TensorSource[]): Promise<void> {
  const name = stepFolder(state.step);
  if (!existsSync(join(dir, name))) {
    const partialDir = join(dir, `${name}.partial`);
    rmSync(partialDir, { recursive: true, force: true });
    mkdirSync(partialDir, { recursive: true });
    await writeSafetensors(join(partialDir, TENSORS), tensors);
    await writeTextDurably(join(partialDir, RECORD), `${JSON.stringify(state)}\n`);
    publishFolder(partialDir, join(dir, name));
  }
  keepOnly(dir, [name]);
}

/** Opens the newest finished folder, or null if there is none. Throws an Error if it is damaged or not of the `expected` shapes. */
export function openNewestTraining(dir: string, expected: Record<string, number[]>): SavedTraining | null {
  const newest = existsSync(dir) ? readdirSync(dir).filter((name) => /^step-\d+$/.test(name)).sort().at(-1) : undefined;
  if (!newest) return null;
  const state: unknown = JSON.parse(readFileSync(join(dir, newest, RECORD), 'utf8'));
  if (!Value.Check(TrainingState, state)) throw new Error(`${join(dir, newest, RECORD)} is not the record of a training run`);
  const path = join(dir, newest, TENSORS);
  const file = openSafetensors(path);
  try {
    checkShapes(file, new Map([...file.entries.keys()].map((name) => [name, name])), expected, path);
    return { state, read: file.read, close: file.close };
  } catch (error) {
    file.close();
    throw error;
  }
}

/** Removes every other entry of the folder: older ones, and what a killed attempt left half-written. */
export function keepOnly(dir: string, names: string[]): void {
  if (!existsSync(dir)) return;
  for (const name of readdirSync(dir)) if (!names.includes(name)) rmSync(join(dir, name), { recursive: true });
}

const TENSORS = 'state.safetensors';
const RECORD = 'state.json';
