import { createHash } from 'node:crypto';
import { createReadStream, existsSync, linkSync, mkdirSync, readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import { openCheckpoint, type TrainingStart } from '../../../src/artifacts/checkpoint/checkpoint.ts';
import { CHECKPOINT_FILES } from '../../../src/artifacts/checkpoint/checkpoint-files.ts';
import { readJson } from '../../../src/files/read-file.ts';
import { replaceFileDurably } from '../../../src/files/replace-file.ts';
import { sha256OfFolder } from '../../../src/files/sha256.ts';
import { publishFolder } from '../../../src/files/sync.ts';
import type { PublishedName } from '../../../src/artifacts/given-weights/published-names.ts';
import { publishedWeights } from '../../../src/artifacts/given-weights/published-weights.ts';
import { openWeightsFolder } from '../../../src/artifacts/given-weights/weights-folder.ts';
import { adaptWeights, type WeightSource } from '../../../src/lm/model/adapt-weights.ts';
import type { ModelConfig } from '../../../src/lm/model/architecture.ts';
import { layoutOf, modelFormat } from '../../../src/lm/model/layouts.ts';
import type { TokenizerIdentity } from '../../../src/tokenizer/identity.ts';
import { StageInputError } from '../../../src/pipeline/stage-kind.ts';
import { START_PORT } from '../params/init.ts';
import type { WrittenContext, WrittenParams } from '../params/params.ts';
import { freezeFaults } from '../params/update.ts';
import { writeModel } from '../write-model.ts';

/** The weights that training begins with. */
export interface Start extends WeightSource {
  record: TrainingStart;
  /** Adds given weights to the artifact, as the folder `start`. Random ones can be recomputed from the seed. */
  publish(outDir: string): void;
  close(): void;
}

/**
 * Throws, before anything is computed, if given weights do not fit. Writes the adapted weights to the scratch folder
 * first, so that a resumed run does not need their source, and `evaluate` finds the exact initial weights in the
 * artifact.
 */
export async function openStart(
  { params, inputs, sources, scratchDir, emit }: WrittenContext,
  tokenizer: TokenizerIdentity,
): Promise<Start> {
  const { init, seed } = params;
  if (init.kind === 'scratch') return fromScratch(params.model!, seed);
  const dir = join(scratchDir, 'start');
  if (existsSync(dir) && !isAsWritten(dir)) {
    emit({ kind: 'warning', text: 'the saved copy of the given weights is damaged; reading them again' });
    rmSync(dir, { recursive: true });
  }
  if (!existsSync(dir)) {
    const { form, ...source } = openGiven(init, { inputs, sources });
    try {
      if (init.kind === 'published')
        await checkPublished(init.name, source.model, { dir: sources['init.name']!, emit });
      const adapted = adaptedTo(params, withoutAddedTokens(source, tokenizer, emit), tokenizer);
      emit({
        kind: 'note',
        text: `starting from ${form}: ${adapted.model.layers} layers of width ${adapted.model.width}, context ${adapted.model.context}`,
      });
      await writeStart(dir, adapted, { seed, tokenizer });
    } catch (error) {
      throw asInputError(error);
    } finally {
      source.close();
    }
  }
  const start = openCheckpoint(dir, modelFormat);
  const [fault] = freezeFaults(start.model, params.freeze);
  if (fault) throw new StageInputError(`${fault.path}: ${fault.message}`);
  return {
    model: start.model,
    record: start.training.init,
    read: start.read,
    close: start.close,
    publish: (outDir) => linkFolder(dir, join(outDir, 'start')),
  };
}

// -----------------------------------------------------------------------------------------------------------

/** Random weights, drawn from the seed. */
export function fromScratch(model: ModelConfig, seed: number): Start {
  const { initialWeight } = layoutOf(model);
  return {
    model,
    record: { kind: 'random', seed },
    read: (name) => initialWeight(name, seed),
    publish: () => {},
    close: () => {},
  };
}

type GivenInit = Exclude<WrittenParams['init'], { kind: 'scratch' }>;

function openGiven(init: GivenInit, { inputs, sources }: Pick<WrittenContext, 'inputs' | 'sources'>) {
  switch (init.kind) {
    case 'artifact': {
      const { model, read, close } = openCheckpoint(join(inputs[START_PORT]!, init.weights), modelFormat);
      return { form: `the ${init.weights} weights of another train stage`, model, read, close };
    }
    case 'folder':
      return openFolder(sources['init.path']!);
    case 'published': {
      const { form, ...weights } = openFolder(sources['init.name']!);
      return { form: `GPT-2 ${init.name}, ${form}`, ...weights };
    }
  }
}

/** Throws if the folder has a model of another size. Only warns about a different file, which may be intended. */
async function checkPublished(
  name: PublishedName,
  { layers, width }: ModelConfig,
  { dir, emit }: { dir: string; emit: WrittenContext['emit'] },
): Promise<void> {
  const { model, download } = publishedWeights(name);
  if (layers !== model.layers || width !== model.width) {
    const hint = 'put the right files there, or use the folder as it is: init: { kind: folder, path: … }';
    throw new StageInputError(
      `${dir} contains a model with ${layers} layers of width ${width}; GPT-2 ${name} has ${model.layers} layers of width ${model.width}`,
      hint,
    );
  }
  const path = join(dir, CHECKPOINT_FILES.weights);
  if (!download || !existsSync(path)) return;
  const hash = createHash('sha256');
  for await (const chunk of createReadStream(path, { highWaterMark: 1 << 20 })) hash.update(chunk as Buffer);
  if (hash.digest('hex') !== download.sha256)
    emit({ kind: 'warning', text: `the weights of GPT-2 ${name} are not the published file: their sha256 differs` });
}

function openFolder(dir: string) {
  try {
    return openWeightsFolder(dir, modelFormat);
  } catch (error) {
    throw asInputError(error);
  }
}

/** Adapts weights to the context and layers in the params. Throws if they contradict the params in anything else. */
function adaptedTo({ model, init }: WrittenParams, source: WeightSource, tokenizer: TokenizerIdentity): WeightSource {
  const { extendContext, insertLayersAfter } = init as GivenInit;
  checkVocabulary(source.model, tokenizer);
  const adapted = adaptWeights(source, {
    context: model?.context ?? source.model.context,
    extendContext,
    insertLayersAfter,
  });
  const wrong = Object.entries(model ?? {}).filter(
    ([name, value]) => adapted.model[name as keyof ModelConfig] !== value,
  );
  if (wrong.length === 0) return adapted;
  const inserted = insertLayersAfter.length > 0 ? `, including ${insertLayersAfter.length} inserted` : '';
  const differences = wrong.map(
    ([name, value]) => `model.${name} is ${value}, but the weights have ${adapted.model[name as keyof ModelConfig]}`,
  );
  throw new StageInputError(
    `${differences.join('; ')}${inserted}`,
    'correct `model`, or leave it out to take the shape from the weights',
  );
}

/**
 * A model to whose vocabulary a trainer has added tokens of its own, or rows to round it up. Our tokens use none of
 * them. With many more rows, it is another vocabulary.
 */
function withoutAddedTokens(
  source: WeightSource,
  { vocabularySize, title }: TokenizerIdentity,
  emit: WrittenContext['emit'],
): WeightSource {
  const rows = source.model.vocabularySize;
  if (rows <= vocabularySize || rows > vocabularySize + MOST_ADDED_ROWS) return source;
  const { embedding } = layoutOf(source.model).names;
  emit({
    kind: 'note',
    text: `left out the last ${rows - vocabularySize} of ${rows} rows of ${embedding}, which are not among the ${vocabularySize} tokens of ${title}`,
  });
  return {
    model: { ...source.model, vocabularySize },
    read: (name) => {
      const values = source.read(name);
      return name === embedding ? values.slice(0, (values.length / rows) * vocabularySize) : values;
    },
  };
}

/** Megatron rounds up to a multiple of 1,024 on eight GPUs. */
const MOST_ADDED_ROWS = 1024;

/** Throws for a model with a different vocabulary, to which our token ids would be noise. */
function checkVocabulary(model: ModelConfig, tokenizer: TokenizerIdentity): void {
  const { vocabularySize } = model;
  if (vocabularySize === tokenizer.vocabularySize) return;
  const { embedding } = layoutOf(model).names;
  throw new StageInputError(
    `${embedding} has ${vocabularySize} rows, but the tokens have the ${tokenizer.vocabularySize} ids of ${tokenizer.title}`,
    `start from weights with the vocabulary of ${tokenizer.title}`,
  );
}

function asInputError(error: unknown): Error {
  if (!(error instanceof Error) || error instanceof StageInputError) return error as Error;
  const hint =
    error instanceof RangeError && /context/.test(error.message)
      ? 'set init.extendContext to `repeat` or `stretch`, or lower model.context'
      : undefined;
  return new StageInputError(error.message, hint);
}

/** Compares the folder with the sums written beside it. A version without sums wrote none. */
function isAsWritten(dir: string): boolean {
  return !existsSync(sumsPath(dir)) || isDeepStrictEqual(readJson(sumsPath(dir)), sha256OfFolder(dir));
}

const sumsPath = (dir: string): string => `${dir}.sha256.json`;

async function writeStart(
  dir: string,
  { model, read }: WeightSource,
  { seed, tokenizer }: { seed: number; tokenizer: TokenizerIdentity },
): Promise<void> {
  const partialDir = `${dir}.partial`;
  rmSync(partialDir, { recursive: true, force: true });
  mkdirSync(partialDir, { recursive: true });
  const hash = createHash('sha256');
  const layout = layoutOf(model);
  const tensors = Object.entries(layout.weightShapes).map(([name, shape]) => ({
    name,
    shape,
    read: (): Float32Array => {
      const values = read(name);
      hash.update(new Uint8Array(values.buffer, values.byteOffset, values.byteLength));
      return values;
    },
  }));
  const training = {
    version: 1 as const,
    step: 0,
    seed,
    init: { kind: 'weights' as const, digest: '0'.repeat(64) },
    validationLoss: null,
  };
  const { separator } = tokenizer;
  await writeModel(partialDir, { model: layout, tokenizer, separator, training, tensors });
  training.init.digest = hash.digest('hex');
  replaceFileDurably(join(partialDir, CHECKPOINT_FILES.training), `${JSON.stringify(training, null, 2)}\n`);
  replaceFileDurably(sumsPath(dir), JSON.stringify(sha256OfFolder(partialDir)));
  publishFolder(partialDir, dir);
}

/** Hard links, which share the bytes on disk; nothing modifies them. */
function linkFolder(from: string, to: string): void {
  mkdirSync(to);
  for (const name of readdirSync(from)) linkSync(join(from, name), join(to, name));
}
