import { existsSync, mkdirSync, readFileSync, readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { Type, type Static } from '@sinclair/typebox';
import { Value } from '@sinclair/typebox/value';
import { checkShapes } from './checkpoint.ts';
import { replaceFileDurably } from '../../files/replace-file.ts';
import { publishFolder } from '../../files/sync.ts';
import { openSafetensors, writeSafetensors, type TensorSource } from './safetensors.ts';

/** The state that training needs to resume, besides its tensors. Both are in a folder such as `step-00000400`. */
export const TrainingState = Type.Object({
  version: Type.Literal(1),
  /** finished optimizer steps */
  step: Type.Integer({ minimum: 0 }),
  /** the validation at this step was interrupted, or has not begun, so it comes before the next step */
  validationDue: Type.Optional(Type.Boolean()),
  /** length of `metrics.jsonl` at this step; anything after it comes from steps that were lost */
  metricsBytes: Type.Integer({ minimum: 0 }),
  /** the lowest validation loss so far, in nats */
  best: Type.Union([Type.Null(), Type.Object({ step: Type.Integer({ minimum: 0 }), loss: Type.Number() })]),
  /**
   * the total of steps that were not applied, and the latest broken ones in a row; if outliers are skipped, also the
   * last losses and gradient norms
   */
  guard: Type.Object({
    skipped: Type.Integer({ minimum: 0 }),
    inARow: Type.Integer({ minimum: 0 }),
    losses: Type.Array(Type.Number()),
    norms: Type.Array(Type.Number()),
  }),
  /**
   * state of a plateau schedule: lowest loss, validations without a lower one, validations still to ignore, and
   * finished steps at each reduction
   */
  plateau: Type.Object({
    best: Type.Union([Type.Null(), Type.Number()]),
    waited: Type.Integer({ minimum: 0 }),
    cooling: Type.Integer({ minimum: 0 }),
    reductions: Type.Array(Type.Integer({ minimum: 0 })),
  }),
  /** with detours: lowest loss and validations without a lower one since the last detour; the steps of each detour */
  detour: Type.Optional(
    Type.Object({
      best: Type.Union([Type.Null(), Type.Number()]),
      stalled: Type.Integer({ minimum: 0 }),
      taken: Type.Array(Type.Object({ from: Type.Integer({ minimum: 0 }), to: Type.Integer({ minimum: 0 }) })),
    }),
  ),
  /** with `stop.patience`: lowest loss and validations without a lower one */
  stall: Type.Optional(
    Type.Object({ best: Type.Union([Type.Null(), Type.Number()]), stalled: Type.Integer({ minimum: 0 }) }),
  ),
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

/** Which checkpoints to keep: the `last` newest ones, and the first of every span of `every` steps (0: none). */
export interface Keep {
  last: number;
  every: number;
}

export function keptSteps(steps: number[], { last, every }: Keep): number[] {
  const ascending = [...steps].sort((a, b) => a - b);
  const isFirst = (step: number, index: number): boolean =>
    every > 0 && (index === 0 || Math.floor(ascending[index - 1]! / every) < Math.floor(step / every));
  return ascending.filter((step, index) => index >= ascending.length - last || isFirst(step, index));
}

/** Writes the folder under a temporary name, publishes it, and only then deletes older ones that are not kept. */
export async function saveTraining(
  dir: string,
  state: TrainingState,
  tensors: TensorSource[],
  keep: Keep = { last: 1, every: 0 },
): Promise<void> {
  const name = stepFolder(state.step);
  if (!existsSync(join(dir, name))) {
    const partialDir = join(dir, `${name}.partial`);
    rmSync(partialDir, { recursive: true, force: true });
    mkdirSync(partialDir, { recursive: true });
    await writeSafetensors(join(partialDir, TENSORS), tensors);
    replaceFileDurably(join(partialDir, RECORD), `${JSON.stringify(state)}\n`);
    publishFolder(partialDir, join(dir, name));
  }
  keepOnly(dir, keptSteps(savedSteps(dir), keep).map(stepFolder));
}

/**
 * Opens the newest complete folder, or returns null if there is none. Throws an Error if it is damaged or does not have
 * the `expected` shapes.
 */
export function openNewestTraining(dir: string, expected: Record<string, number[]>): SavedTraining | null {
  if (!existsSync(dir) || savedSteps(dir).length === 0) return null;
  const newest = stepFolder(Math.max(...savedSteps(dir)));
  const state: unknown = JSON.parse(readFileSync(join(dir, newest, RECORD), 'utf8'));
  if (!Value.Check(TrainingState, state))
    throw new Error(`${join(dir, newest, RECORD)} is not the record of a training run`);
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

/** Deletes every other entry of the folder: older ones, and incomplete ones of a killed attempt. */
export function keepOnly(dir: string, names: string[]): void {
  if (!existsSync(dir)) return;
  for (const name of readdirSync(dir)) if (!names.includes(name)) rmSync(join(dir, name), { recursive: true });
}

function savedSteps(dir: string): number[] {
  return readdirSync(dir).flatMap((name) => (/^step-\d+$/.test(name) ? [Number(name.slice('step-'.length))] : []));
}

const TENSORS = 'state.safetensors';
const RECORD = 'state.json';
