import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { checkShapes, readModelShape, type ModelShape } from '../checkpoint/checkpoint.ts';
import { CHECKPOINT_FILES } from '../checkpoint/checkpoint-files.ts';
import { publishedHeads } from './published-weights.ts';
import { openSafetensors } from '../checkpoint/safetensors.ts';
import { openTensorFlowCheckpoint } from './tensorflow-checkpoint.ts';
import { HPARAMS, SHARD_INDEX, weightsForm } from './weight-files.ts';

/** A GPT-2 that somebody else saved, in a folder of the user's. */
export interface WeightsFolder {
  /** for people: which of the forms it is in */
  form: string;
  model: ModelShape;
  /**
   * Float32 values by the published name, matrices [in, out]. Throws an Error that names file and tensor if they are
   * damaged.
   */
  read(name: string): Float32Array;
  close(): void;
}

/**
 * Opens OpenAI's TensorFlow checkpoint or Hugging Face's safetensors (one file or several) and holds every tensor to
 * the shape that the model needs. Throws an Error with all tensors that do not fit, or with what else is wrong and what
 * to do.
 */
export function openWeightsFolder(
  dir: string,
  shapesOf: (model: ModelShape) => Record<string, number[]>,
): WeightsFolder {
  const form = weightsForm(dir);
  const tensors = form.kind === 'safetensors' ? openHuggingFace(dir, form.files) : openOpenAi(join(dir, form.prefix));
  try {
    const model = shapeFrom(dir, tensors);
    checkShapes(
      tensors,
      new Map([...tensors.entries.keys()].map((name) => [name, name])),
      shapesOf(model),
      tensors.path,
    );
    const read = (name: string): Float32Array => {
      const values = tensors.entries.get(name)!.read();
      if (!allFinite(values))
        throw new Error(`${tensors.path}: ${name} is damaged: it holds numbers that are not finite`);
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

// --- the two forms, under the published names ------------------------------------------------------------------------

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
        const published = name.replace(/^transformer\./, '');
        // Causal masks, which older exports hold, are no weights.
        if (!/^h\.\d+\.attn\.(masked_)?bias$/.test(published))
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

/** GPT-2's output head is its token embedding. Some exports hold it twice; a head of its own is another model. */
function checkHead(entries: Tensors['entries'], path: string): void {
  const head = entries.get('lm_head.weight');
  const embedding = entries.get('wte.weight');
  entries.delete('lm_head.weight');
  if (!head || !embedding) return;
  const [one, other] = [head.read(), embedding.read()];
  const different =
    one.length === other.length ? one.reduce((count, value, i) => count + Number(value !== other[i]), 0) : one.length;
  if (different === 0) return;
  throw new Error(
    `${path}: lm_head.weight is not wte.weight (${different} of ${one.length} numbers differ): this model's output head is untied, ` +
      'and a GPT-2 here has one matrix for both, so that head would be lost',
  );
}

function openOpenAi(prefixPath: string): Tensors {
  const checkpoint = openTensorFlowCheckpoint(prefixPath);
  const entries: Tensors['entries'] = new Map();
  for (const [name, { shape }] of checkpoint.entries) {
    // An optimizer's moments and counters, which a trainer may have saved too.
    if (!name.startsWith('model/') || /\/(Adam(_\d+)?|Momentum|v[rc]?)$/.test(name)) continue;
    // Matrices were convolutions of width 1 once.
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

/** What is no number, or endless, is not 0 even times 0. */
function allFinite(values: Float32Array): boolean {
  let sum = 0;
  for (let i = 0; i < values.length; i++) sum += values[i]! * 0;
  return sum === 0;
}

// --- shape -----------------------------------------------------------------------------------------------------------

/** As the folder says it; without a word from it, as the tensors show it. */
function shapeFrom(dir: string, tensors: Tensors): ModelShape {
  if (existsSync(join(dir, CHECKPOINT_FILES.config))) return readModelShape(join(dir, CHECKPOINT_FILES.config));
  if (existsSync(join(dir, HPARAMS))) return readHparams(join(dir, HPARAMS));
  const [vocabularySize, width] = tensors.entries.get('wte.weight')?.shape ?? [];
  const [context] = tensors.entries.get('wpe.weight')?.shape ?? [];
  if (!vocabularySize || !width || !context)
    throw new Error(`${tensors.path} is no GPT-2: it has no wte.weight and wpe.weight`);
  const layers =
    1 + Math.max(-1, ...[...tensors.entries.keys()].map((name) => Number(/^h\.(\d+)\./.exec(name)?.[1] ?? -1)));
  const heads = publishedHeads({ layers, width });
  if (heads === undefined)
    throw new Error(
      `${dir} has neither ${CHECKPOINT_FILES.config} nor ${HPARAMS}, so nothing says how many heads its ${layers} layers of width ${width} have: put one of them there`,
    );
  return { vocabularySize, context, layers, heads, width };
}

function readHparams(path: string): ModelShape {
  const hparams = JSON.parse(readFileSync(path, 'utf8')) as Record<string, unknown>;
  const count = (name: string): number => {
    const value = hparams[name];
    if (!Number.isSafeInteger(value) || (value as number) < 1)
      throw new Error(`${path}: ${name} is ${JSON.stringify(value) ?? 'missing'}, not a count`);
    return value as number;
  };
  return {
    vocabularySize: count('n_vocab'),
    context: count('n_ctx'),
    layers: count('n_layer'),
    heads: count('n_head'),
    width: count('n_embd'),
  };
}
