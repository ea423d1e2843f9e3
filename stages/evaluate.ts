/**
 * evaluate: reads a checkpoint and tokens, and writes a report on the held-out text.
 *
 * Windows do not overlap, so every held-out token but the first is predicted exactly once, from at most `context` - 1
 * tokens before it. The initial weights are measured in the same way: random ones are recomputed from the recorded
 * seed, given ones are stored beside the trained ones.
 */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { openCheckpoint, type Checkpoint, type TrainingStart } from '../src/artifacts/checkpoint/checkpoint.ts';
import { openTokens, type TokenReader } from '../src/artifacts/tokens/tokens.ts';
import type { Engine, Variable } from '../src/engine/engine.ts';
import { engineChoice, openEngine } from '../src/engine/open-engine.ts';
import type { Model, ModelConfig } from '../src/lm/model/architecture.ts';
import { modelFormat } from '../src/lm/model/layouts.ts';
import { modelOf } from '../src/lm/model/models.ts';
import { heldOutNats, heldOutWindows } from '../src/lm/training/held-out.ts';
import { newLossTally, type LossTally, type MeanLoss } from '../src/lm/training/loss-tally.ts';
import { lossStep, trainingInputs } from '../src/lm/training/training-step.ts';
import { orStopped } from '../src/pipeline/or-stopped.ts';
import { StageInputError } from '../src/pipeline/stage-kind.ts';
import type { Context } from './evaluate/params.ts';
import { withCommas } from '../src/numbers/counted.ts';

export async function run(context: Context): Promise<void> {
  const { params, inputs, outDir, emit } = context;
  const checkpoint = openCheckpoint(join(inputs['checkpoint']!, params.weights), modelFormat);
  const model = modelOf(checkpoint.model);
  const tokens = openTokens(inputs['held-out']!);
  const engine = await openEngine(engineChoice(params.engine));
  emit({ kind: 'note', text: engine.description });
  try {
    checkFit(checkpoint, tokens, params.split);
    const { training } = checkpoint;
    const variables = variablesOf(engine, model, checkpoint);
    const measure = measurer(context, { engine, model, variables, tokens });

    const trained = await measure(0);
    const { classes, speakers } = trained.tally.means(tokens.index.speakers);
    loadInitialWeights(engine, variables, { model, start: training.init, artifactDir: inputs['checkpoint']! });
    const baseline = await measure(1);

    const report = {
      ...trained.measures,
      baseline: baseline.measures,
      classes,
      weights: params.weights,
      step: training.step,
    };
    writeFileSync(join(outDir, 'report.json'), `${JSON.stringify(report, null, 2)}\n`);
    writeFileSync(join(outDir, 'report.md'), markdown(trained.measures, baseline.measures, classes, training));
    // Not in the report, which is sent to a tracker, because it contains names of people.
    writeFileSync(join(outDir, 'speakers.json'), `${JSON.stringify(speakers, null, 2)}\n`);
    const metrics = {
      'evaluate/loss': trained.measures.loss,
      'evaluate/perplexity': trained.measures.perplexity,
      'evaluate/bits_per_byte': trained.measures.bitsPerByte,
      'evaluate/baseline_loss': baseline.measures.loss,
      ...Object.fromEntries(Object.entries(classes).map(([name, { loss }]) => [`evaluate/loss/${name}`, loss])),
    };
    for (const [name, value] of Object.entries(metrics)) emit({ kind: 'metric', name, step: 0, value });
  } finally {
    engine.close();
    tokens.close();
    checkpoint.close();
  }
}

/** Replaces the trained weights by the initial ones. */
function loadInitialWeights(
  engine: Engine,
  variables: Record<string, Variable>,
  { model, start, artifactDir }: { model: Model; start: TrainingStart; artifactDir: string },
): void {
  const write = (read: (name: string) => Float32Array): void => {
    for (const name of Object.keys(model.weightShapes)) engine.write(variables[`weights/${name}`]!, read(name));
  };
  if (start.kind === 'random') return write((name) => model.initialWeight(name, start.seed));
  const given = openCheckpoint(join(artifactDir, 'start'), modelFormat);
  write(given.read);
  given.close();
}

function checkFit({ model }: Checkpoint<ModelConfig>, tokens: TokenReader, split: Context['params']['split']): void {
  const { vocabularySize } = tokens.index;
  if (vocabularySize !== model.vocabularySize) {
    throw new StageInputError(
      `the tokens have a vocabulary of ${vocabularySize} ids, the model has one of ${model.vocabularySize}`,
      'evaluate on tokens with the same encoding',
    );
  }
  if (tokens.split(split).tokens < 2)
    throw new StageInputError(
      `the tokens have no ${split} text to measure on`,
      `raise \`${split}\` of the tokenize stage`,
    );
}

function variablesOf(engine: Engine, { weightShapes }: Model, { read }: Checkpoint): Record<string, Variable> {
  const shapes = Object.entries(weightShapes);
  return Object.fromEntries(
    shapes.map(([name, shape]) => [`weights/${name}`, engine.variable(`weights/${name}`, shape, read(name))]),
  );
}

// --- measuring ---------------------------------------------------------------------------------------------

interface Measures {
  /** mean nats per token */
  loss: number;
  perplexity: number;
  /** per byte of UTF-8 text; separators are predicted too, but have no bytes */
  bitsPerByte: number;
  /** tokens predicted */
  tokens: number;
}

/** Limits the [N, V] logits of a call and their gradient to about 400 MB. */
const TARGETS_PER_CALL = 1024;

function measurer(
  { params, emit, signal }: Context,
  {
    engine,
    model,
    variables,
    tokens,
  }: { engine: Engine; model: Model; variables: Record<string, Variable>; tokens: TokenReader },
): (pass: number) => Promise<{ measures: Measures; tally: LossTally }> {
  const { context } = model.config;
  const stream = tokens.split(params.split);
  const windows = heldOutWindows(stream.tokens, context);
  const rows = Math.min(windows.length, Math.max(1, Math.floor(TARGETS_PER_CALL / context)));
  const { tokens: ids, labels } = trainingInputs(rows, context);
  const losses = engine.compile('held_out_losses', { inputs: { tokens: ids, labels }, variables }, lossStep(model));
  return async (pass) => {
    const tally = newLossTally();
    const { nats, targets } = await heldOutNats({
      stream,
      windows,
      context,
      rows,
      lossesOf: async (batch) => {
        return (await orStopped(losses.call(batch), signal))['losses']!;
      },
      onWindow: ({ start, targets: count }, nats) => tally.add(stream.labels(start + 1, count), nats),
      onProgress: (done) =>
        emit({
          kind: 'progress',
          done: pass * windows.length + done,
          total: 2 * windows.length,
          unit: 'windows',
          note: pass === 0 ? 'trained' : 'start',
        }),
    });
    const loss = nats / targets;
    return {
      measures: {
        loss: rounded(loss),
        perplexity: rounded(Math.exp(loss)),
        bitsPerByte: rounded(nats / Math.LN2 / stream.bytes),
        tokens: targets,
      },
      tally,
    };
  };
}

/** Nine digits, which is all that a float32 loss has. */
function rounded(value: number): number {
  return Number(value.toPrecision(9));
}

function markdown(
  trained: Measures,
  baseline: Measures,
  classes: Record<string, MeanLoss>,
  training: Checkpoint['training'],
): string {
  const row = (name: string, pick: (measures: Measures) => number, digits: number): string =>
    `| ${name} | ${pick(trained).toFixed(digits)} | ${pick(baseline).toFixed(digits)} |`;
  return `# Held-out text

${withCommas(trained.tokens)} tokens, each predicted once.

| | after ${withCommas(training.step)} steps | ${training.init.kind === 'random' ? 'untrained start' : 'given start'} |
|---|---|---|
${row('loss, nats a token', ({ loss }) => loss, 4)}
${row('perplexity', ({ perplexity }) => perplexity, 2)}
${row('bits per byte', ({ bitsPerByte }) => bitsPerByte, 4)}

Stamps and names are cheap to guess, so losses under two templates can only be compared by class:

| class | loss, nats a token | tokens |
|---|---|---|
${Object.entries(classes)
  .map(([name, { loss, tokens }]) => `| ${name} | ${loss.toFixed(4)} | ${withCommas(tokens)} |`)
  .join('\n')}
`;
}
