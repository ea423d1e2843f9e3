import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Type, type Static } from '@sinclair/typebox';
import { Value } from '@sinclair/typebox/value';
import { writeTextDurably } from '../../files/durable.ts';
import { CHECKPOINT_FILES } from './checkpoint-files.ts';
import { openSafetensors, writeSafetensors, type SafetensorsFile, type TensorSource } from './safetensors.ts';

export interface ModelShape {
  vocabularySize: number;
  context: number;
  layers: number;
  heads: number;
  width: number;
}

const Count = Type.Integer({ minimum: 0 });

/**
 * Where training began: with random weights, which the seed makes again; or with given ones, which lie beside `final`
 * and `best` in `start`. `digest` is the sha256 of that folder's weights, tensor by tensor in the published order:
 * little-endian float32, without a header.
 */
export const TrainingStart = Type.Union([
  Type.Object({ kind: Type.Literal('random'), seed: Count }),
  Type.Object({ kind: Type.Literal('weights'), digest: Type.String({ pattern: '^[0-9a-f]{64}$' }) }),
]);
export type TrainingStart = Static<typeof TrainingStart>;

/** Where the weights come from. */
export const TrainingRecord = Type.Object({
  version: Type.Literal(1),
  /** finished optimizer steps */
  step: Count,
  seed: Count,
  init: TrainingStart,
  /** mean held-out loss in nats at this step, if it was measured */
  validationLoss: Type.Union([Type.Number(), Type.Null()]),
});
export type TrainingRecord = Static<typeof TrainingRecord>;

/** The tokenizer's files beside the weights. */
export interface SavedTokenizer {
  vocabJson: string;
  mergesText: string;
  /** `tokenizer_config.json` */
  config: Record<string, unknown>;
}

export interface Checkpoint {
  model: ModelShape;
  training: TrainingRecord;
  vocabJson: string;
  mergesText: string;
  /** Values of one weight, by the published name. */
  read(name: string): Float32Array;
  close(): void;
}

/** Writes every file of the folder and forces it to the disk. `separator` is the id that ends a text. */
export async function writeCheckpoint(
  dir: string,
  {
    model,
    separator,
    tokenizer,
    training,
    tensors,
  }: {
    model: ModelShape;
    separator: number;
    tokenizer: SavedTokenizer;
    training: TrainingRecord;
    tensors: TensorSource[];
  },
): Promise<void> {
  mkdirSync(dir, { recursive: true });
  writeFileSync(join(dir, CHECKPOINT_FILES.vocab), tokenizer.vocabJson);
  writeFileSync(join(dir, CHECKPOINT_FILES.merges), tokenizer.mergesText);
  await writeJson(join(dir, CHECKPOINT_FILES.config), huggingFaceConfig(model, separator));
  await writeJson(join(dir, CHECKPOINT_FILES.tokenizer), tokenizer.config);
  await writeJson(join(dir, CHECKPOINT_FILES.training), training);
  await writeSafetensors(join(dir, CHECKPOINT_FILES.weights), tensors);
}

/**
 * Opens a checkpoint and holds every tensor to the shape that its config asks for. `shapesOf` is the model's own table.
 * Throws an Error that lists all tensors that are missing, too many or of another shape.
 */
export function openCheckpoint(dir: string, shapesOf: (model: ModelShape) => Record<string, number[]>): Checkpoint {
  const model = readModelShape(join(dir, CHECKPOINT_FILES.config));
  const training = readTraining(join(dir, CHECKPOINT_FILES.training));
  const vocabJson = readFileSync(join(dir, CHECKPOINT_FILES.vocab), 'utf8');
  const mergesText = readFileSync(join(dir, CHECKPOINT_FILES.merges), 'utf8');
  const path = join(dir, CHECKPOINT_FILES.weights);
  const file = openSafetensors(path);
  try {
    const names = publishedNames(file);
    checkShapes(file, names, shapesOf(model), path);
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

/** Throws one Error with every tensor that is not as `expected`: `names` maps expected name → name in the file. */
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
      `${path} does not fit the model, in ${wrong.length} of ${Object.keys(expected).length} tensors:\n  ${wrong.join('\n  ')}`,
    );
}

// ---------------------------------------------------------------------------------------------------------------------

/**
 * Without the prefix that some exports have, and without what is no weight: causal masks, and a head that repeats the
 * embedding.
 */
function publishedNames(file: SafetensorsFile): Map<string, string> {
  const names = new Map<string, string>();
  for (const name of file.entries.keys()) {
    const published = name.replace(/^transformer\./, '');
    if (!/^h\.\d+\.attn\.(masked_)?bias$/.test(published) && published !== 'lm_head.weight') names.set(published, name);
  }
  return names;
}

function huggingFaceConfig(model: ModelShape, separator: number): Record<string, unknown> {
  return {
    architectures: ['GPT2LMHeadModel'],
    model_type: 'gpt2',
    vocab_size: model.vocabularySize,
    n_positions: model.context,
    n_ctx: model.context,
    n_embd: model.width,
    n_layer: model.layers,
    n_head: model.heads,
    n_inner: null,
    activation_function: 'gelu_new',
    layer_norm_epsilon: 1e-5,
    initializer_range: 0.02,
    attn_pdrop: 0,
    embd_pdrop: 0,
    resid_pdrop: 0,
    scale_attn_weights: true,
    tie_word_embeddings: true,
    bos_token_id: separator,
    eos_token_id: separator,
    torch_dtype: 'float32',
    use_cache: true,
  };
}

const HuggingFaceConfig = Type.Object({
  model_type: Type.Literal('gpt2'),
  vocab_size: Type.Integer({ minimum: 1 }),
  n_positions: Type.Integer({ minimum: 1 }),
  n_embd: Type.Integer({ minimum: 1 }),
  n_layer: Type.Integer({ minimum: 1 }),
  n_head: Type.Integer({ minimum: 1 }),
});

/** What a config may say, or leave out, without meaning another computation than GPT-2's. */
const ONLY_READABLE: Record<string, unknown[]> = {
  activation_function: ['gelu_new', 'gelu_pytorch_tanh'],
  layer_norm_epsilon: [1e-5],
  scale_attn_weights: [true],
  scale_attn_by_inverse_layer_idx: [false],
  add_cross_attention: [false],
};

/** From a `config.json`. Throws an Error if it describes something that GPT-2's arithmetic here would compute otherwise. */
export function readModelShape(path: string): ModelShape {
  const config = readJson(path, HuggingFaceConfig);
  const said = config as unknown as Record<string, unknown>;
  const readables: Record<string, unknown[]> = { ...ONLY_READABLE, n_inner: [null, 4 * config.n_embd] };
  for (const [name, readable] of Object.entries(readables)) {
    if (said[name] === undefined || readable.includes(said[name])) continue;
    throw new Error(
      `${path}: ${name} is ${JSON.stringify(said[name])}; a GPT-2 here has ${JSON.stringify(readable.at(-1))}, so it would compute something else with these weights`,
    );
  }
  return {
    vocabularySize: config.vocab_size,
    context: config.n_positions,
    layers: config.n_layer,
    heads: config.n_head,
    width: config.n_embd,
  };
}

function readTraining(path: string): TrainingRecord {
  if (!existsSync(path)) throw new Error(`${path} is missing: it says how the weights were made`);
  return readJson(path, TrainingRecord);
}

function readJson<T extends typeof HuggingFaceConfig | typeof TrainingRecord>(path: string, schema: T): Static<T> {
  const value: unknown = JSON.parse(readFileSync(path, 'utf8'));
  if (Value.Check(schema, value)) return value;
  const error = Value.Errors(schema, value).First();
  throw new Error(`${path}: ${error?.path || '/'}: ${error?.message}`);
}

function writeJson(path: string, value: unknown): Promise<void> {
  return writeTextDurably(path, `${JSON.stringify(value, null, 2)}\n`);
}
