import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Type, type Static, type TSchema } from '@sinclair/typebox';
import { Value } from '@sinclair/typebox/value';
import { replaceFileDurably } from '../../files/replace-file.ts';
import { CHECKPOINT_FILES } from './checkpoint-files.ts';
import type { ModelFormat } from './model-format.ts';
import { openSafetensors, writeSafetensors, type SafetensorsFile, type TensorSource } from './safetensors.ts';
import { readJsonObject } from '../../files/read-file.ts';

const Count = Type.Integer({ minimum: 0 });

/**
 * The initial weights: random ones, which can be recomputed from the seed, or given ones, which are in the folder
 * `start` beside `final` and `best`. `digest` is the sha256 of those weights, tensor by tensor in the published order,
 * as little-endian float32 without a header.
 */
export const TrainingStart = Type.Union([
  Type.Object({ kind: Type.Literal('random'), seed: Count }),
  Type.Object({ kind: Type.Literal('weights'), digest: Type.String({ pattern: '^[0-9a-f]{64}$' }) }),
]);
export type TrainingStart = Static<typeof TrainingStart>;

/** The origin of the weights. */
export const TrainingRecord = Type.Object({
  version: Type.Literal(1),
  /** finished optimizer steps */
  step: Count,
  seed: Count,
  init: TrainingStart,
  /** mean validation loss in nats at this step, if it was measured */
  validationLoss: Type.Union([Type.Number(), Type.Null()]),
});
export type TrainingRecord = Static<typeof TrainingRecord>;

/** The tokenizer's files, which are saved with the weights. */
export interface SavedTokenizer {
  vocabJson: string;
  mergesText: string;
  /** `tokenizer_config.json` */
  config: Record<string, unknown>;
}

export interface Checkpoint<Config = unknown> {
  model: Config;
  training: TrainingRecord;
  vocabJson: string;
  mergesText: string;
  /** Values of a weight, by its published name. */
  read(name: string): Float32Array;
  close(): void;
}

/** Writes all files of the folder and flushes them to disk. `config` is the content of `config.json`. */
export async function writeCheckpoint(
  dir: string,
  {
    config,
    tokenizer,
    training,
    tensors,
  }: {
    config: Record<string, unknown>;
    tokenizer: SavedTokenizer;
    training: TrainingRecord;
    tensors: TensorSource[];
  },
): Promise<void> {
  mkdirSync(dir, { recursive: true });
  writeFileSync(join(dir, CHECKPOINT_FILES.vocab), tokenizer.vocabJson);
  writeFileSync(join(dir, CHECKPOINT_FILES.merges), tokenizer.mergesText);
  writeJson(join(dir, CHECKPOINT_FILES.config), config);
  writeJson(join(dir, CHECKPOINT_FILES.tokenizer), tokenizer.config);
  writeJson(join(dir, CHECKPOINT_FILES.training), training);
  await writeSafetensors(join(dir, CHECKPOINT_FILES.weights), tensors);
}

/**
 * Opens a checkpoint and checks that every tensor has the shape that the config requires. Throws an Error that lists
 * all missing and unexpected tensors and all wrong shapes.
 */
export function openCheckpoint<Config>(dir: string, format: ModelFormat<Config>): Checkpoint<Config> {
  const model = readModelConfig(join(dir, CHECKPOINT_FILES.config), format);
  const training = readTraining(join(dir, CHECKPOINT_FILES.training));
  const vocabJson = readFileSync(join(dir, CHECKPOINT_FILES.vocab), 'utf8');
  const mergesText = readFileSync(join(dir, CHECKPOINT_FILES.merges), 'utf8');
  const path = join(dir, CHECKPOINT_FILES.weights);
  const file = openSafetensors(path);
  try {
    const names = publishedNames(file, format);
    checkShapes(file, names, format.weightShapes(model), path);
    return {
      model,
      training,
      vocabJson,
      mergesText,
      read: (name) => file.read(names.get(name)!),
      close: () => file.close(),
    };
  } catch (error) {
    file.close();
    throw error;
  }
}

const MOST_LISTED = 40;

/** Throws one Error that lists the tensors that are not as `expected`. `names`: expected name → name in the file. */
export function checkShapes(
  file: { entries: ReadonlyMap<string, { shape: number[] }> },
  names: ReadonlyMap<string, string>,
  expected: Record<string, number[]>,
  path: string,
): void {
  const wrong: string[] = [];
  for (const [name, shape] of Object.entries(expected)) {
    const entry = names.has(name) ? file.entries.get(names.get(name)!) : undefined;
    if (!entry) wrong.push(`${name} is missing, expected [${shape}]`);
    else if (entry.shape.join() !== shape.join()) wrong.push(`${name} is [${entry.shape}], expected [${shape}]`);
  }
  for (const name of names.keys()) if (!Object.hasOwn(expected, name)) wrong.push(`${name} is not expected`);
  if (wrong.length > 0)
    throw new Error(
      `${path} does not match the model in ${wrong.length} of ${Object.keys(expected).length} tensors:\n  ${wrong.slice(0, MOST_LISTED).join('\n  ')}${wrong.length > MOST_LISTED ? `\n  … and ${wrong.length - MOST_LISTED} more` : ''}`,
    );
}

// ---------------------------------------------------------------------------------------------------------------------

/** Published name → name in the file. */
function publishedNames<Config>(file: SafetensorsFile, format: ModelFormat<Config>): Map<string, string> {
  const names = new Map<string, string>();
  for (const stored of file.entries.keys()) {
    const published = format.publishedName(stored);
    if (published !== null) names.set(published, stored);
  }
  return names;
}

/** The model's config from a `config.json`. Throws an Error that names the file if it describes another kind of model. */
export function readModelConfig<Config>(path: string, format: ModelFormat<Config>): Config {
  return modelConfigFrom(readJsonObject(path), path, format);
}

/** Like `readModelConfig`, for the content of a file that has been read; `path` is for messages. */
export function modelConfigFrom<Config>(
  json: unknown,
  path: string,
  { configSchema, configFrom }: ModelFormat<Config>,
): Config {
  checkJson(json, path, configSchema);
  try {
    return configFrom(json as object);
  } catch (cause) {
    throw new Error(`${path}: ${(cause as Error).message}`, { cause });
  }
}

function readTraining(path: string): TrainingRecord {
  if (!existsSync(path)) throw new Error(`${path} is missing: it records how the weights were made`);
  const record = readJsonObject(path);
  checkJson(record, path, TrainingRecord);
  return record;
}

function checkJson<T extends TSchema>(value: unknown, path: string, schema: T): asserts value is Static<T> {
  if (Value.Check(schema, value)) return;
  const error = Value.Errors(schema, value).First();
  throw new Error(`${path}: ${error?.path || '/'}: ${error?.message}`);
}

function writeJson(path: string, value: unknown): void {
  replaceFileDurably(path, `${JSON.stringify(value, null, 2)}\n`);
}
