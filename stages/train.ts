/**
 * train: tokens in, a GPT-2 out.
 *
 * One step is one captured program: a batch goes in, loss and gradient norm come out, weights and moments are assigned inside. All that
 * varies (windows of the batch, rate) is a pure function of seed and step, so a killed run goes on from its newest checkpoint and ends
 * in the same bits as one that was never disturbed.
 */
import { cpSync, existsSync, mkdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { Type, type Static } from '@sinclair/typebox';
import { writeCheckpoint } from '../src/artifacts/checkpoint.ts';
import { publishFolder } from '../src/artifacts/durable.ts';
import { openMetricsFile, type MetricsFile } from '../src/artifacts/metrics-file.ts';
import type { TensorSource } from '../src/artifacts/safetensors.ts';
import { openTokens, type TokenSplit } from '../src/artifacts/tokens.ts';
import { keepOnly, openNewestTraining, saveTraining, stepFolder, type SavedTraining, type TrainingState } from '../src/artifacts/training-state.ts';
import { VOCABULARY_DIGEST } from '../src/artifacts/vocabulary.ts';
import type { Engine, Program, Variable } from '../src/engine/engine.ts';
import { engineChoice, openEngine } from '../src/engine/open-engine.ts';
import { updateScalars } from '../src/lm/adamw.ts';
import { planBatches, type Batches } from '../src/lm/batches.ts';
import { weightShapes } from '../src/lm/gpt2.ts';
import { heldOutNats, heldOutWindows, someWindows } from '../src/lm/held-out.ts';
import { initialWeights } from '../src/lm/initial-weights.ts';
import { rateAt } from '../src/lm/schedule.ts';
import { STATE_PARTS, lossStep, trainingInputs, trainingStep } from '../src/lm/training-step.ts';
import { StageInputError, StageStopped, defineStage, type StageContext } from './define-stage.ts';

// --- params and runtime ------------------------------------------------------------------------------------

const model = Type.Object(
  {
    layers: Type.Integer({ minimum: 1, maximum: 1024, description: 'blocks of attention and MLP; 12 in the smallest GPT-2' }),
    heads: Type.Integer({ minimum: 1, maximum: 1024, description: 'attention heads of a layer; must divide width, by tradition into pieces of 64' }),
    width: Type.Integer({ minimum: 1, maximum: 65536, description: 'numbers that stand for a token inside the model; 768 in the smallest GPT-2' }),
    context: Type.Integer({ minimum: 2, maximum: 65536, description: 'tokens that the model sees at once; a training window is one longer' }),
    vocabularySize: Type.Integer({ minimum: 2, maximum: 65536, default: 50257, description: 'different token ids; must be that of the tokens' }),
  },
  { additionalProperties: false, description: 'the shape of the model' },
);

const peak = Type.Number({ exclusiveMinimum: 0, maximum: 10, description: 'highest learning rate; 3e-4 to 1e-3 for small models from scratch, 2e-5 to 1e-4 for fine-tuning' });
const floor = Type.Number({ minimum: 0, maximum: 10, description: 'learning rate at the end, often a tenth of the peak' });
const warmupSteps = Type.Integer({ minimum: 0, default: 0, description: 'steps over which the rate climbs to the peak, so that the first, noisy moments do no harm' });
const schedule = Type.Union(
  [
    Type.Object({ kind: Type.Literal('constant'), peak, warmupSteps }, { additionalProperties: false }),
    Type.Object({ kind: Type.Literal('linear'), peak, floor, warmupSteps }, { additionalProperties: false }),
    Type.Object({ kind: Type.Literal('cosine'), peak, floor, warmupSteps }, { additionalProperties: false }),
  ],
  { description: 'learning rate as a function of the step' },
);

// Defaults are nanoGPT's. 0.95 instead of Adam's usual 0.999 forgets an odd gradient after tens of steps, not thousands, which suits short runs.
const optimizer = Type.Object(
  {
    beta1: Type.Number({ minimum: 0, exclusiveMaximum: 1, default: 0.9, description: 'memory of the mean gradient' }),
    beta2: Type.Number({ minimum: 0, exclusiveMaximum: 1, default: 0.95, description: 'memory of the squared gradient' }),
    epsilon: Type.Number({ exclusiveMinimum: 0, default: 1e-8, description: 'keeps the division defined where a gradient is silent' }),
    weightDecay: Type.Number({ minimum: 0, maximum: 10, default: 0.1, description: 'pull of matrices towards zero, in units of the rate; biases and norms are left alone' }),
    clip: Type.Number({ exclusiveMinimum: 0, default: 1, description: 'longest gradient that is used as it is; a longer one is shortened' }),
  },
  { additionalProperties: false, default: {}, description: 'AdamW' },
);

const mix = Type.Array(
  Type.Object(
    {
      from: Type.String({ description: 'an input of this stage' }),
      weight: Type.Number({ exclusiveMinimum: 0, description: 'its share of the sequences, relative to the other weights' }),
    },
    { additionalProperties: false },
  ),
  { default: [], description: 'which input the next sequence comes from; left out: all of them, each by its number of tokens' },
);

const params = Type.Object(
  {
    model,
    mix,
    steps: Type.Integer({ minimum: 1, maximum: 2 ** 31, description: 'updates; one sees batchSize x context tokens' }),
    batchSize: Type.Integer({ minimum: 1, maximum: 65536, description: 'sequences in one step' }),
    schedule,
    optimizer,
    validateEvery: Type.Integer({ minimum: 0, default: 100, description: 'steps between two validation losses, besides the first and the last; 0: only those two' }),
    validationBatches: Type.Integer({ minimum: 1, default: 20, description: 'batches of held-out text behind a validation loss, the same ones every time' }),
    seed: Type.Integer({ minimum: 0, maximum: 4294967295, default: 1337, description: 'of the first weights, the order of the text and the mix' }),
    engine: Type.Union([Type.Literal('tensorflow'), Type.Literal('tfjs')], { default: 'tensorflow', description: 'tensorflow: captured and fast; tfjs: op by op, as reference' }),
  },
  { additionalProperties: false },
);

const runtime = Type.Object(
  {
    logEvery: Type.Integer({ minimum: 1, default: 10, description: 'steps between two points of the training curves' }),
    checkpointEvery: Type.Integer({ minimum: 1, default: 100, description: 'steps that a crash can cost; each checkpoint is three times the size of the weights' }),
  },
  { additionalProperties: false },
);

type Params = Static<typeof params>;
type Context = StageContext<Params, Static<typeof runtime>>;

// --- contract ----------------------------------------------------------------------------------------------

export const train = defineStage({
  kind: 'train',
  version: 1,
  summary: 'trains a GPT-2 of any size from scratch on tokens, with validation, checkpoints and exact resume',
  params,
  runtime,
  sources: [],
  inputs: { '*': 'tokens' },
  output: 'checkpoint',
  computes: true,
  check,
  run,
});

function check({ model, mix, schedule }: Params, ports: string[]): { path: string; message: string }[] {
  const faults: { path: string; message: string }[] = [];
  if (model.width % model.heads !== 0) faults.push({ path: 'model.heads', message: `${model.heads} heads do not divide a width of ${model.width}` });
  if (schedule.kind !== 'constant' && schedule.floor > schedule.peak) {
    faults.push({ path: 'schedule.floor', message: `the floor ${schedule.floor} is above the peak ${schedule.peak}` });
  }
  mix.forEach(({ from }, place) => {
    if (!ports.includes(from)) faults.push({ path: `mix.${place}.from`, message: `no input "${from}"; there is ${ports.join(', ') || 'none'}` });
    if (mix.findIndex((other) => other.from === from) < place) faults.push({ path: `mix.${place}.from`, message: `"${from}" is in the mix twice` });
  });
  return faults;
}

// --- run ---------------------------------------------------------------------------------------------------

async function run(context: Context): Promise<void> {
  const { params, runtime, outDir, scratchDir, emit, signal } = context;
  const { model, steps, batchSize, schedule, optimizer, seed } = params;
  const checkpointsDir = join(scratchDir, 'checkpoints');
  const bestDir = join(scratchDir, 'best');

  const inputs = openInputs(context);
  const batches = planBatches({ mix: inputs.map(({ train, weight }) => ({ stream: train, weight })), context: model.context, batchSize, seed });
  const engine = await openEngine(engineChoice(params.engine));
  emit({ kind: 'note', text: engine.description });
  try {
    // The state: weights and moments live in the engine, from the newest checkpoint or from the seed.
    const saved = openSaved(checkpointsDir, params);
    const variables = stateIn(engine, params, saved);
    const state: TrainingState = saved?.state ?? { version: 1, step: 0, metricsBytes: 0, best: null };
    saved?.close();
    const metrics = openMetricsFile(join(scratchDir, 'metrics.jsonl'), state.metricsBytes);
    if (saved) emit({ kind: 'resumed', step: state.step });

    // The two programs.
    const { tokens, labels, ...scalars } = trainingInputs(batchSize, model.context);
    const step = engine.compile('training_step', { inputs: { tokens, labels, ...scalars }, variables }, trainingStep(model, optimizer));
    const losses = engine.compile('validation_losses', { inputs: { tokens, labels }, variables: ofPart(variables, 'weights') }, lossStep(model));
    const validation = inputs.map((input) => ({ ...input, windows: validationWindows(input, params) }));
    const report = progressReport(context);

    const validate = async (): Promise<void> => {
      const loss = await validationLoss(losses, validation, params, report.validating);
      if (loss === null) return;
      checkFinite({ 'validation loss': loss.mean }, state.step, checkpointsDir);
      report.validated(loss.mean);
      record(metrics, emit, state.step, loss.metrics);
      if (state.best !== null && loss.mean >= state.best.loss) return;
      state.best = { step: state.step, loss: loss.mean };
      record(metrics, emit, state.step, { 'best/eval_loss': loss.mean, 'best/step': state.step });
      await saveBest(bestDir, { state, params, engine, variables, separator: inputs[0]!.separator });
    };

    const save = async (): Promise<void> => {
      state.metricsBytes = metrics.sync();
      await saveTraining(checkpointsDir, state, tensorsOf(engine, variables));
      keepOnly(bestDir, state.best ? [stepFolder(state.best.step)] : []);
    };

    // The loop.
    report.starting(state.step);
    if (state.step === 0) await validate();
    while (state.step < steps) {
      const rate = rateAt(schedule, state.step, steps);
      const batch = batches.batchAt(state.step);
      report.stepping();
      const result = await step.call({ ...batch, ...asScalars(updateScalars(optimizer, rate, state.step)) });
      const loss = result['loss']![0]!;
      const gradientNorm = result['gradientNorm']![0]!;
      state.step++;
      checkFinite({ loss, 'gradient norm': gradientNorm }, state.step, checkpointsDir);

      const values = { 'train/loss': loss, 'train/lr': rate, 'train/grad_norm': gradientNorm, ...progressOf(state.step, batches, inputs, params) };
      record(metrics, state.step % runtime.logEvery === 0 || state.step === steps ? emit : null, state.step, values);
      report.stepped(state.step, loss);

      if (isDue(state.step, params.validateEvery) || state.step === steps) await validate();
      if (state.step === steps) break;
      if (signal.aborted) {
        await save();
        throw new StageStopped();
      }
      if (isDue(state.step, runtime.checkpointEvery)) await save();
    }

    // The artifact.
    metrics.sync();
    metrics.close();
    cpSync(join(scratchDir, 'metrics.jsonl'), join(outDir, 'metrics.jsonl'));
    const training = { version: 1 as const, step: state.step, seed, init: { kind: 'random' as const, seed }, validationLoss: report.lastValidation() };
    const tensors = tensorsOf(engine, ofPart(variables, 'weights'));
    await writeCheckpoint(join(outDir, 'final'), { model, separator: inputs[0]!.separator, training, tensors });
    cpSync(state.best ? join(bestDir, stepFolder(state.best.step)) : join(outDir, 'final'), join(outDir, 'best'), { recursive: true });
  } finally {
    engine.close();
    for (const input of inputs) input.close();
  }
}

function isDue(step: number, every: number): boolean {
  return every > 0 && step % every === 0;
}

// --- inputs ------------------------------------------------------------------------------------------------

interface Input {
  name: string;
  weight: number;
  train: TokenSplit;
  validation: TokenSplit;
  separator: number;
  close(): void;
}

function openInputs({ params, inputs, emit }: Context): Input[] {
  const { mix, model } = params;
  const names = mix.length > 0 ? mix.map(({ from }) => from) : Object.keys(inputs).sort();
  const opened = names.map((name, place): Input => {
    const reader = openTokens(inputs[name]!);
    const train = reader.split('train');
    const weight = mix[place]?.weight ?? train.tokens;
    return { name, weight, train, validation: reader.split('validation'), separator: checkedVocabulary(name, reader.index, model), close: reader.close };
  });
  checkSizes(opened, params);
  for (const { name, validation } of opened) {
    if (validation.tokens < 2) emit({ kind: 'warning', text: `${name} has no held-out text: it has no validation loss` });
  }
  return opened;
}

function checkedVocabulary(name: string, index: ReturnType<typeof openTokens>['index'], model: Params['model']): number {
  if (index.vocabularySize !== model.vocabularySize) {
    const hint = `set model.vocabularySize to ${index.vocabularySize}`;
    throw new StageInputError(`the tokens of ${name} come from a vocabulary of ${index.vocabularySize}, the model has one of ${model.vocabularySize}`, hint);
  }
  if (index.tokenizer.vocabulary !== VOCABULARY_DIGEST) {
    throw new StageInputError(`the tokens of ${name} were made with another vocabulary (${index.tokenizer.name}) than GPT-2's`, 'tokenize them anew');
  }
  return index.separator;
}

function checkSizes(inputs: Input[], { model, batchSize }: Params): void {
  for (const { name, train } of inputs) {
    if (train.tokens > model.context) continue;
    const hint = train.tokens > 2 ? `set model.context to ${train.tokens - 1} or less, or give it more text` : 'give it more text';
    throw new StageInputError(`${name} has ${count(train.tokens)} tokens to train on, fewer than one window of ${count(model.context + 1)}`, hint);
  }
  const windows = inputs.reduce((sum, { train }) => sum + Math.floor(train.tokens / model.context), 0);
  if (windows < batchSize) {
    const tokens = inputs.reduce((sum, { train }) => sum + train.tokens, 0);
    const hint = `set batchSize to ${windows} or less, model.context to ${Math.max(2, Math.floor(tokens / batchSize) - 1)} or less, or give it more text`;
    throw new StageInputError(`there are ${count(tokens)} tokens to train on, ${windows} windows of ${count(model.context)}: fewer than one batch of ${batchSize}`, hint);
  }
}

// --- state -------------------------------------------------------------------------------------------------

type Variables = Record<string, Variable>;

function openSaved(dir: string, { model }: Params): SavedTraining | null {
  const shapes = Object.entries(weightShapes(model));
  const expected = Object.fromEntries(STATE_PARTS.flatMap((part) => shapes.map(([name, shape]) => [`${part}/${name}`, shape])));
  try {
    return openNewestTraining(dir, expected);
  } catch (error) {
    throw new StageInputError(`the checkpoint to go on from cannot be used: ${(error as Error).message}`, `remove ${dir} to begin again`);
  }
}

function stateIn(engine: Engine, { model, seed }: Params, saved: SavedTraining | null): Variables {
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

function ofPart(variables: Variables, part: (typeof STATE_PARTS)[number]): Variables {
  return Object.fromEntries(Object.entries(variables).filter(([name]) => name.startsWith(`${part}/`)));
}

/** Weights alone keep their published names, whole states the prefixed ones. */
function tensorsOf(engine: Engine, variables: Variables): TensorSource[] {
  const whole = Object.keys(variables).some((name) => name.startsWith('m/'));
  return Object.entries(variables).map(([name, variable]) => ({
    name: whole ? name : name.slice('weights/'.length),
    shape: variable.shape,
    read: () => engine.read(variable),
  }));
}

async function saveBest(
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

function checkFinite(values: Record<string, number>, step: number, checkpointsDir: string): void {
  for (const [name, value] of Object.entries(values)) {
    if (Number.isFinite(value)) continue;
    const hint = `lower schedule.peak or lengthen schedule.warmupSteps; the last checkpoint before is kept in ${checkpointsDir}`;
    throw new StageInputError(`training broke down at step ${step}: its ${name} is ${value}`, hint);
  }
}

// --- validation --------------------------------------------------------------------------------------------

type Validated = Input & { windows: ReturnType<typeof heldOutWindows> };

function validationWindows({ validation }: Input, { model, validationBatches, batchSize, seed }: Params): ReturnType<typeof heldOutWindows> {
  return someWindows(heldOutWindows(validation.tokens, model.context), validationBatches * batchSize, seed);
}

/** The mean over each input's held-out windows, and over the inputs by their weight in the mix; null if nothing is held out. */
async function validationLoss(program: Program, inputs: Validated[], { model, batchSize }: Params, onProgress: (done: number, total: number) => void) {
  const measured = inputs.filter(({ windows }) => windows.length > 0);
  if (measured.length === 0) return null;
  const total = measured.reduce((sum, { windows }) => sum + windows.length, 0);
  const metrics: Record<string, number> = {};
  let weighted = 0;
  let weights = 0;
  let before = 0;
  for (const { name, weight, validation, windows } of measured) {
    const { nats, targets } = await heldOutNats({
      stream: validation,
      windows,
      context: model.context,
      rows: batchSize,
      lossesOf: async (batch) => (await program.call(batch))['losses']!,
      onProgress: (done) => onProgress(before + done, total),
    });
    before += windows.length;
    weighted += (weight * nats) / targets;
    weights += weight;
    if (inputs.length > 1) metrics[`eval/loss/${name}`] = nats / targets;
  }
  return { mean: weighted / weights, metrics: { 'eval/loss': weighted / weights, ...metrics } };
}

// --- metrics and progress ----------------------------------------------------------------------------------

/** Into the file, which holds every step; and to the listeners, if this step is one of those they are told of. */
function record(metrics: MetricsFile, emit: Context['emit'] | null, step: number, values: Record<string, number>): void {
  const lines = Object.entries(values).map(([name, value]) => ({ step, name, value: Number(value.toPrecision(9)) }));
  metrics.append(lines);
  for (const line of emit ? lines : []) emit!({ kind: 'metric', ...line });
}

/** Tokens seen, and passes over the text; with several inputs also over each. */
function progressOf(step: number, batches: Batches, inputs: Input[], { batchSize, model }: Params): Record<string, number> {
  const drawn = batches.drawnBefore(step);
  const windows = batches.windowsPerEpoch;
  const values: Record<string, number> = {
    'train/tokens_seen': step * batchSize * model.context,
    'train/epoch': (step * batchSize) / windows.reduce((sum, each) => sum + each, 0),
  };
  if (inputs.length > 1) inputs.forEach(({ name }, place) => (values[`train/epoch/${name}`] = drawn[place]! / windows[place]!));
  return values;
}

function asScalars(values: Record<string, number>): Record<string, Float32Array> {
  return Object.fromEntries(Object.entries(values).map(([name, value]) => [name, Float32Array.of(value)]));
}

/** What the person sees while it runs. The clock is looked at here and nowhere else, and nothing of it reaches the artifact. */
function progressReport({ params, runtime, emit }: Context) {
  const tokensPerStep = params.batchSize * params.model.context;
  const told = { step: 0, loss: null as number | null, validation: null as number | null, speed: null as number | null };
  let stepStarted = 0;
  let shown = 0;
  let timed: { steps: number; ms: number } | null = null; // null until the first step, which also compiles, is over

  const show = (what: string | null, always: boolean): void => {
    const now = performance.now();
    if (now - shown < 200 && !always) return;
    shown = now;
    const parts = [what, told.loss && `loss ${told.loss.toFixed(2)}`, told.validation && `validation ${told.validation.toFixed(2)}`, told.speed && `${count(Math.round(told.speed))} tokens/s`];
    emit({ kind: 'progress', done: told.step, total: params.steps, unit: 'steps', note: parts.filter(Boolean).join(' · ') });
  };

  return {
    lastValidation: () => told.validation,
    starting(step: number): void {
      told.step = step;
      show('compiling', true);
    },
    stepping(): void {
      stepStarted = performance.now();
    },
    stepped(step: number, loss: number): void {
      Object.assign(told, { step, loss });
      const isPoint = step % runtime.logEvery === 0;
      if (timed === null) timed = { steps: 0, ms: 0 };
      else timed = { steps: timed.steps + 1, ms: timed.ms + performance.now() - stepStarted };
      if (timed.steps > 0 && (isPoint || timed.ms > 1000)) {
        told.speed = (1000 * tokensPerStep * timed.steps) / timed.ms;
        timed = { steps: 0, ms: 0 };
      }
      if (isPoint && told.speed !== null) emit({ kind: 'metric', name: 'train/tokens_per_second', step, value: told.speed });
      show(null, step === params.steps);
    },
    validating: (done: number, total: number): void => show(`validating ${done} of ${total}`, false),
    validated(loss: number): void {
      told.validation = loss;
    },
  };
}

function count(number: number): string {
  return number.toLocaleString('en-US');
}
