/**
 * train: tokens in, a GPT-2 out.
 *
 * One step is one captured program: a batch goes in, loss and gradient norm come out, weights and moments are assigned inside. All that
 * varies (windows of the batch, rate) is a pure function of seed and step, so a killed run goes on from its newest checkpoint and ends
 * in the same bits as one that was never disturbed.
 */
import { cpSync } from 'node:fs';
import { join } from 'node:path';
import { writeCheckpoint } from '../src/artifacts/checkpoint.ts';
import { openMetricsFile } from '../src/artifacts/metrics-file.ts';
import { keepOnly, saveTraining, stepFolder, type TrainingState } from '../src/artifacts/training-state.ts';
import { engineChoice, openEngine } from '../src/engine/open-engine.ts';
import { updateScalars } from '../src/lm/adamw.ts';
import { planBatches } from '../src/lm/batches.ts';
import { rateAt } from '../src/lm/schedule.ts';
import { lossStep, trainingInputs, trainingStep } from '../src/lm/training-step.ts';
import { StageStopped, defineStage } from './define-stage.ts';
import { openInputs } from './train/inputs.ts';
import { asScalars, progressOf, record } from './train/metrics.ts';
import { check, params, runtime, type Context } from './train/params.ts';
import { progressReport } from './train/report.ts';
import { checkFinite, ofPart, openSaved, saveBest, stateIn, tensorsOf } from './train/state.ts';
import { validationLoss, validationWindows } from './train/validation.ts';

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
