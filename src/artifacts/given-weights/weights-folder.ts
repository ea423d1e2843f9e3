import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { checkShapes, modelConfigFrom, readModelConfig } from '../checkpoint/checkpoint.ts';
import type { ModelFormat } from '../checkpoint/model-format.ts';
import { CHECKPOINT_FILES } from '../checkpoint/checkpoint-files.ts';
import { product } from '../../numbers/product.ts';
import { publishedHeads } from './published-weights.ts';
import { openSafetensors } from '../checkpoint/safetensors.ts';
import { openTensorFlowCheckpoint } from './tensorflow-checkpoint.ts';
import { HPARAMS, SHARD_INDEX, weightsForm } from './weight-files.ts';
import { readJsonObject } from '../../files/read-file.ts';

/** A folder with a GPT-2 that was saved by another program. */
export interface WeightsFolder<Config> {
  /** the format, for messages */
  form: string;
  model: Config;
  /**
   * Float32 values by published name; matrices are [in, out]. Throws an Error that names file and tensor if it is
   * damaged.
   */
  read(name: string): Float32Array;
  close(): void;
}

/**
 * Opens OpenAI's TensorFlow checkpoint or Hugging Face's safetensors (one or more files) and checks that every tensor
 * has the shape that the model needs. Throws an Error that lists all tensors that do not, or explains any other fault.
 */
export function openWeightsFolder<Config>(dir: string, format: ModelFormat<Config>): WeightsFolder<Config> {
  const form = weightsForm(dir);
  const tensors = form.kind === 'safetensors' ? openHuggingFace(dir, form.files) : openOpenAi(join(dir, form.prefix));
  try {
    const model = configFrom(dir, tensors, format);
    const shapes = format.weightShapes(model);
    leaveOutPadding(tensors, shapes);
    checkShapes(tensors, new Map([...tensors.entries.keys()].map((name) => [name, name])), shapes, tensors.path);
    const read = (name: string): Float32Array => {
      const values = tensors.entries.get(name)!.read();
      if (!allFinite(values))
        throw new Error(`${tensors.path}: ${name} is damaged: it contains numbers that are not finite`);
      return values;
    };
    return {
      form: form.kind === 'safetensors' ? 'Hugging Face safetensors' : 'a TensorFlow checkpoint',
      model,
      read,
      close: tensors.close,
    };
  } catch (error) {
    tensors.close();
    throw error;
  }
}

// --- the two formats, with published names ---------------------------------------------------------------------------

interface Tensors {
  /** for messages */
  path: string;
  entries: Map<string, { shape: number[]; read(): Float32Array }>;
  close(): void;
}

function openHuggingFace(dir: string, fileNames: string[]): Tensors {
  const files: ReturnType<typeof openSafetensors>[] = [];
  const close = (): void => files.forEach((file) => file.close());
  try {
    const entries: Tensors['entries'] = new Map();
    for (const fileName of fileNames) {
      const file = openSafetensors(join(dir, fileName));
      files.push(file);
      for (const [name, { shape }] of file.entries) {
        const published = withoutWrappers(name);
        // Causal masks, which older exports contain, are not weights.
        if (/^h\.\d+\.attn\.(masked_)?bias$/.test(published)) continue;
        if (entries.has(published))
          throw new Error(`${join(dir, fileName)}: ${published} is there twice, the second time as ${name}`);
        entries.set(published, { shape, read: () => file.read(name) });
      }
    }
    const path = join(dir, fileNames.length === 1 ? fileNames[0]! : SHARD_INDEX);
    checkHead(entries, path);
    return { path, entries, close };
  } catch (error) {
    close();
    throw error;
  }
}

/** What training loops wrap a model, or a part of it, in: each adds its name to those of the tensors. */
const WRAPPERS = new Set([
  'transformer',
  'model',
  'module',
  '_orig_mod',
  '_fsdp_wrapped_module',
  '_checkpoint_wrapped_module',
]);

/** `module._orig_mod.transformer.h.0.ln_1.weight` → `h.0.ln_1.weight` */
const withoutWrappers = (name: string): string =>
  name
    .split('.')
    .filter((step) => !WRAPPERS.has(step))
    .join('.');

const EMBEDDING = 'wte.weight';

/** Some trainers round the number of rows up. The config has the number of tokens. */
function leaveOutPadding({ entries }: Tensors, shapes: Record<string, number[]>): void {
  const [rows, width] = shapes[EMBEDDING] ?? [];
  const embedding = entries.get(EMBEDDING);
  if (!embedding || rows === undefined || embedding.shape.length !== 2) return;
  if (embedding.shape[1] !== width || embedding.shape[0]! <= rows) return;
  entries.set(EMBEDDING, { shape: [rows, width!], read: () => embedding.read().slice(0, rows * width!) });
}

/** GPT-2's output head is its token embedding. Some exports contain it twice; a different head is another model. */
function checkHead(entries: Tensors['entries'], path: string): void {
  const head = entries.get('lm_head.weight');
  const embedding = entries.get(EMBEDDING);
  entries.delete('lm_head.weight');
  // Of two tensors that share their memory, safetensors stores one.
  if (head && !embedding) entries.set(EMBEDDING, head);
  if (!head || !embedding) return;
  // One of the two may have more rows, for padding.
  const rows = Math.min(head.shape[0] ?? 0, embedding.shape[0] ?? 0);
  const isComparable = head.shape[1] === embedding.shape[1];
  const size = isComparable ? rows * head.shape[1]! : product(head.shape);
  const [headValues, values] = [head.read().subarray(0, size), embedding.read()];
  const different = isComparable
    ? headValues.reduce((count, value, i) => count + Number(value !== values[i]), 0)
    : size;
  if (different === 0) return;
  throw new Error(
    `${path}: lm_head.weight is not wte.weight (${different} of ${headValues.length} numbers differ): this model has an untied output head, which is not supported`,
  );
}

function openOpenAi(prefixPath: string): Tensors {
  const checkpoint = openTensorFlowCheckpoint(prefixPath);
  const entries: Tensors['entries'] = new Map();
  for (const [name, { shape }] of checkpoint.entries) {
    // Skips moments and counters of an optimizer, which a trainer may have saved too.
    if (!name.startsWith('model/') || /\/(Adam(_\d+)?|Momentum|v[rc]?)$/.test(name)) continue;
    // OpenAI's matrices are convolutions of width 1.
    const plain = shape.length === 3 && shape[0] === 1 ? shape.slice(1) : shape;
    entries.set(publishedName(name), { shape: plain, read: () => checkpoint.read(name) });
  }
  return { path: `${prefixPath}.index`, entries, close: checkpoint.close };
}

/** `model/h0/attn/c_attn/w` → `h.0.attn.c_attn.weight`; w and g are weights, b are biases. */
function publishedName(name: string): string {
  const steps = name
    .slice('model/'.length)
    .replace(/^h(\d+)\//, 'h/$1/')
    .split('/');
  const last = steps.at(-1)!;
  if (last === 'wte' || last === 'wpe') return `${last}.weight`;
  return [...steps.slice(0, -1), last === 'w' || last === 'g' ? 'weight' : last === 'b' ? 'bias' : last].join('.');
}

/** NaN and infinities are not 0 when multiplied by 0. */
function allFinite(values: Float32Array): boolean {
  let sum = 0;
  for (let i = 0; i < values.length; i++) sum += values[i]! * 0;
  return sum === 0;
}

// --- config ----------------------------------------------------------------------------------------------------------

/** The config from a file in the folder, or else from the shapes of the tensors. */
function configFrom<Config>(dir: string, tensors: Tensors, format: ModelFormat<Config>): Config {
  if (existsSync(join(dir, CHECKPOINT_FILES.config)))
    return readModelConfig(join(dir, CHECKPOINT_FILES.config), format);
  const hparams = existsSync(join(dir, HPARAMS)) ? readHparams(join(dir, HPARAMS)) : hparamsOf(dir, tensors);
  const { n_vocab, n_ctx, ...same } = hparams;
  const json = { model_type: 'gpt2', vocab_size: n_vocab, n_positions: n_ctx, ...same };
  return modelConfigFrom(json, join(dir, HPARAMS), format);
}

/** OpenAI's `hparams.json`. */
type Hparams = Record<'n_vocab' | 'n_ctx' | 'n_embd' | 'n_head' | 'n_layer', number>;

function readHparams(path: string): Hparams {
  const hparams = readJsonObject(path);
  const count = (name: keyof Hparams): number => {
    const value = hparams[name];
    if (!Number.isSafeInteger(value) || (value as number) < 1)
      throw new Error(`${path}: ${name} is ${JSON.stringify(value) ?? 'missing'}, not a count`);
    return value as number;
  };
  return {
    n_vocab: count('n_vocab'),
    n_ctx: count('n_ctx'),
    n_layer: count('n_layer'),
    n_head: count('n_head'),
    n_embd: count('n_embd'),
  };
}

function hparamsOf(dir: string, tensors: Tensors): Hparams {
  const [n_vocab, n_embd] = tensors.entries.get('wte.weight')?.shape ?? [];
  const [n_ctx] = tensors.entries.get('wpe.weight')?.shape ?? [];
  if (!n_vocab || !n_embd || !n_ctx)
    throw new Error(`${tensors.path} is not a GPT-2: it has no wte.weight and wpe.weight`);
  const n_layer =
    1 + Math.max(-1, ...[...tensors.entries.keys()].map((name) => Number(/^h\.(\d+)\./.exec(name)?.[1] ?? -1)));
  const n_head = publishedHeads({ layers: n_layer, width: n_embd });
  if (n_head === undefined)
    throw new Error(
      `${dir} has neither ${CHECKPOINT_FILES.config} nor ${HPARAMS}, so the number of heads of its ${n_layer} layers of width ${n_embd} is unknown: add one of them`,
    );
  return { n_vocab, n_ctx, n_layer, n_head, n_embd };
}
