import { existsSync, mkdirSync, readFileSync, readdirSync, renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { Type, type Static } from '@sinclair/typebox';
import { Value } from '@sinclair/typebox/value';
import { checkShapes } from './checkpoint.ts';
import { replaceFileDurably } from '../../files/replace-file.ts';
import { sha256Of, sha256OfLargeFile } from '../../files/sha256.ts';
import { publishFolder } from '../../files/sync.ts';
import { openSafetensors, writeSafetensors, type SafetensorsFile, type TensorSource } from './safetensors.ts';

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

/** The sha256 of files outside of the checkpoint that its state refers to, by names of the caller's choice. */
export type Sums = Record<string, string>;

/**
 * Writes the folder under a temporary name, publishes it, and only then deletes older ones that are not kept. Its
 * record is two lines of JSON: the state, and the sha256 of that line, of the tensors, and of the caller's files.
 */
export async function saveTraining(
  dir: string,
  state: TrainingState,
  tensors: TensorSource[],
  { keep = { last: 1, every: 0 }, sums = {} }: { keep?: Keep; sums?: Sums } = {},
): Promise<void> {
  const name = stepFolder(state.step);
  if (!existsSync(join(dir, name))) {
    const partialDir = join(dir, `${name}.partial`);
    rmSync(partialDir, { recursive: true, force: true });
    mkdirSync(partialDir, { recursive: true });
    await writeSafetensors(join(partialDir, TENSORS), tensors);
    const line = JSON.stringify(state);
    const checked = {
      ...sums,
      [RECORD]: sha256Of(line),
      [TENSORS]: await sha256OfLargeFile(join(partialDir, TENSORS)),
    };
    replaceFileDurably(join(partialDir, RECORD), `${line}\n${JSON.stringify(checked)}\n`);
    publishFolder(partialDir, join(dir, name));
  }
  keepOnly(dir, keptSteps(savedSteps(dir), keep).map(stepFolder));
}

/**
 * Opens the newest folder whose checksums match, or returns null if there is none. `fits` decides whether the caller's
 * files still have the sums that were saved with the state. A damaged folder is renamed, and `onDamage` gets its step.
 * Throws an Error if the folder does not have the `expected` shapes.
 */
export async function openNewestTraining(
  dir: string,
  expected: Record<string, number[]>,
  {
    fits = () => true,
    onDamage = () => {},
  }: { fits?(state: TrainingState, sums: Sums): boolean; onDamage?(step: number): void } = {},
): Promise<SavedTraining | null> {
  for (const step of existsSync(dir) ? savedSteps(dir).sort((a, b) => b - a) : []) {
    const folder = join(dir, stepFolder(step));
    const record = await intactRecord(folder);
    if (record !== null && fits(record.state, record.sums))
      return opened(record.state, join(folder, TENSORS), expected);
    rmSync(`${folder}.damaged`, { recursive: true, force: true });
    renameSync(folder, `${folder}.damaged`); // out of the way of the same step; deleted at the next checkpoint
    onDamage(step);
  }
  return null;
}

/** The steps of the folders whose checksums do not match; `fits` as above. Changes nothing. */
export async function damagedTrainings(
  dir: string,
  fits: (state: TrainingState, sums: Sums) => boolean,
): Promise<number[]> {
  const damaged: number[] = [];
  for (const step of existsSync(dir) ? savedSteps(dir) : []) {
    const record = await intactRecord(join(dir, stepFolder(step)));
    if (record === null || !fits(record.state, record.sums)) damaged.push(step);
  }
  return damaged;
}

/** Weights of a training that may still be running. */
export interface SavedWeights {
  /** finished optimizer steps */
  step: number;
  /** values of a weight, by its published name */
  read(name: string): Float32Array;
  close(): void;
}

/**
 * Opens the weights of the newest complete folder, and changes nothing. Does not compare checksums: they cover the
 * optimizer's state too, which is twice as large. The training may delete a folder before it is opened, but not
 * afterwards. Throws an Error if there is no folder, or its weights do not have the `expected` shapes.
 */
export function openNewestWeights(dir: string, expected: Record<string, number[]>): SavedWeights {
  for (let attempt = 0; ; attempt++) {
    const step = Math.max(...savedSteps(dir));
    if (step < 0) throw new Error('there is no checkpoint');
    const path = join(dir, stepFolder(step), TENSORS);
    try {
      return { step, ...weightsIn(openSafetensors(path), expected, path) };
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'ENOENT' || attempt === 5) throw error;
    }
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

// -----------------------------------------------------------------------------------------------------------

/** The state and the caller's sums, if nothing in the folder is damaged. Older records have no sums. */
async function intactRecord(folder: string): Promise<{ state: TrainingState; sums: Sums } | null> {
  try {
    const [line, second, ...more] = readFileSync(join(folder, RECORD), 'utf8').split('\n');
    const state: unknown = JSON.parse(line!);
    if (!Value.Check(TrainingState, state)) return null;
    if (second === '' && more.length === 0) return { state, sums: {} };
    const { [RECORD]: ofLine, [TENSORS]: ofTensors, ...sums } = JSON.parse(second!) as Sums;
    const isIntact = ofLine === sha256Of(line!) && ofTensors === (await sha256OfLargeFile(join(folder, TENSORS)));
    return isIntact ? { state, sums } : null;
  } catch {
    return null;
  }
}

function opened(state: TrainingState, path: string, expected: Record<string, number[]>): SavedTraining {
  const file = openSafetensors(path);
  try {
    checkShapes(file, new Map([...file.entries.keys()].map((name) => [name, name])), expected, path);
    return { state, read: file.read, close: file.close };
  } catch (error) {
    file.close();
    throw error;
  }
}

function weightsIn(
  file: SafetensorsFile,
  expected: Record<string, number[]>,
  path: string,
): Omit<SavedWeights, 'step'> {
  try {
    const weights = [...file.entries.keys()].filter((name) => name.startsWith(WEIGHTS));
    checkShapes(file, new Map(weights.map((name) => [name.slice(WEIGHTS.length), name])), expected, path);
    return { read: (name) => file.read(WEIGHTS + name), close: file.close };
  } catch (error) {
    file.close();
    throw error;
  }
}

const WEIGHTS = 'weights/';
const TENSORS = 'state.safetensors';
const RECORD = 'state.json';
