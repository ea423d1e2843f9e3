/**
 * train: trains a model on tokens.
 *
 * Each step runs one compiled program. It takes a batch, returns the loss and the gradient norm, and updates weights
 * and moments in place unless either number is not finite. (With `accumulate`, one program runs per batch, and another
 * one updates.) Everything that varies from step to step is a pure function of the seed, the step and the state, so a
 * killed run resumes from its newest checkpoint and ends with bytes identical to those of an uninterrupted run.
 */
import { cpSync } from 'node:fs';
import { join } from 'node:path';
import { openMetricsFile } from '../src/artifacts/checkpoint/metrics-file.ts';
import { keepOnly, saveTraining, stepFolder, type TrainingState } from '../src/artifacts/checkpoint/training-state.ts';
import { engineChoice, openEngine } from '../src/engine/open-engine.ts';
import { modelOf } from '../src/lm/model/models.ts';
import { lossStep, trainingInputs } from '../src/lm/training/training-step.ts';
import { StagePaused, StageStopped } from '../src/pipeline/stage-kind.ts';
import { orStopped } from '../src/pipeline/or-stopped.ts';
import { planCurriculum } from './train/curriculum.ts';
import { detourMetrics, noteDetourStart } from './train/detour.ts';
import { checkValidation, finiteOnly, guardMetrics } from './train/guard.ts';
import { checkInputs, openInputs } from './train/inputs.ts';
import { checkMemory } from './train/memory.ts';
import { progressOf, record } from './train/metrics.ts';
import { FIRST_STATE, afterStep, afterValidation } from './train/next-state.ts';
import type { Context, WrittenContext } from './train/params/params.ts';
import { rateReduction } from './train/rate-reduction.ts';
import { progressReport } from './train/report.ts';
import { sampler } from './train/samples.ts';
import { checkSpace, openSaving } from './train/saving.ts';
import { openStart } from './train/start/init.ts';
import { ofPart, openSaved, stateIn, sumsBeside, tensorsOf, weightsOf } from './train/state.ts';
import { stepBatch } from './train/step-batch.ts';
import { stepNumbers } from './train/step-numbers.ts';
import { compileUpdate } from './train/update.ts';
import { validationLoss, validationWindows } from './train/validation.ts';
import { publishModel, writeModel, type WrittenModel } from './train/write-model.ts';

export async function run(written: WrittenContext): Promise<void> {
  const inputs = openInputs(written);
  const { tokenizer, separator } = inputs[0]!;
  const start = await openStart(written, tokenizer);
  const context: Context = { ...written, params: { ...written.params, model: start.model } };
  const { params, runtime, outDir, scratchDir, emit, signal } = context;
  const checkpointsDir = join(scratchDir, 'checkpoints');
  const bestDir = join(scratchDir, 'best');

  checkMemory(context);
  checkSpace(context);
  checkInputs(inputs, context);
  const model = modelOf(params.model);
  const engine = await openEngine(engineChoice(params.engine, params.precision));
  const saving = openSaving(context);
  emit({ kind: 'note', text: engine.description });
  try {
    // Weights and moments are in the engine. The rest of the state is here, and only this function assigns it.
    const saved = await openSaved(scratchDir, params, emit);
    const variables = stateIn(engine, params, { start, saved });
    let state: TrainingState = saved?.state ?? FIRST_STATE;
    const firstStep = state.step;
    let savedStep = firstStep;
    let lastLoss: number | null = null;
    saved?.close();
    // Later best weights are of steps that are computed again.
    keepOnly(bestDir, state.best ? [stepFolder(state.best.step)] : []);
    const metrics = openMetricsFile(join(scratchDir, 'metrics.jsonl'), state.metricsBytes);
    if (saved) emit({ kind: 'resumed', step: state.step });

    const curriculum = planCurriculum(params, inputs, () => state);
    const { batches } = curriculum;
    const update = compileUpdate(engine, variables, params, { model, labelWeights: batches.masked });
    const losses = engine.compile(
      'validation_losses',
      { inputs: trainingInputs(params.batchSize, params.model.context), variables: ofPart(variables, 'weights') },
      lossStep(model),
    );
    const validation = inputs.map((input) => ({ ...input, windows: validationWindows(input, params) }));
    const sample = sampler(context, { engine, model, variables, tokenizer });
    const report = progressReport(context);
    const onStop = (): void => report.stopping(state.step !== savedStep);
    signal.addEventListener('abort', onStop, { once: true });

    const weights = (loss: number | null): WrittenModel => ({
      model,
      tokenizer,
      separator,
      training: { version: 1, step: state.step, seed: params.seed, init: start.record, validationLoss: loss },
      tensors: weightsOf(engine, variables),
    });

    /** While nothing is unsaved, a stop need not wait: the first call compiles, which may take minutes. */
    const unlessStopped = <T>(work: Promise<T>): Promise<T> =>
      state.step === savedStep ? orStopped(work, signal) : work;

    const validate = async (): Promise<void> => {
      report.starting('validation');
      const options = { signal, onProgress: report.validating };
      const loss = await unlessStopped(validationLoss(losses, validation, params, options));
      state = { ...state, validationDue: false };
      record(metrics, emit, state.step, loss.metrics);
      if (loss.mean === null) return;
      checkValidation(loss.mean, state.step, checkpointsDir);
      report.validated(loss.mean, loss.classes);
      lastLoss = loss.mean;
      const before = state;
      state = afterValidation(params, before, loss.mean);
      record(metrics, emit, state.step, rateReduction(context, before, state));
      noteDetourStart(context, before, state);
      if (state.best === before.best) return;
      record(metrics, emit, state.step, { 'best/eval_loss': loss.mean, 'best/step': state.step });
      await publishModel(join(bestDir, stepFolder(state.step)), weights(loss.mean));
    };

    const save = async (): Promise<void> => {
      if (state.step === savedStep || state.guard.inARow > 0) return; // keep the last good checkpoint
      report.starting('save');
      const tensors = finiteOnly(tensorsOf(engine, variables), state.step, checkpointsDir);
      state = { ...state, metricsBytes: metrics.sync() };
      const sums = sumsBeside(scratchDir, state);
      await saveTraining(checkpointsDir, state, tensors, { keep: runtime.keep, sums });
      keepOnly(bestDir, state.best ? [stepFolder(state.best.step)] : []);
      saving.saved(state.step);
      savedStep = state.step;
    };

    /** Returns why the training ended. Throws StagePaused or StageStopped between steps. */
    const train = async (): Promise<string> => {
      report.compiling(state.step);
      if (state.validationDue) await validate();
      for (;;) {
        const end = curriculum.endReason(state);
        if (end !== null) return end;
        const hasStepped = state.step > firstStep; // each attempt advances, however little time it has
        if (signal.aborted || (hasStepped && saving.isTimeUp())) throw new StageStopped();
        if (runtime.pauseAt > 0 && state.step >= runtime.pauseAt) throw new StagePaused(state.step);
        if (saving.isDue(state.step)) await save();

        const batch = stepBatch(params, batches, state.step);
        const { rate, limits, scalars } = stepNumbers(params, state);
        report.starting('step');
        const result = await unlessStopped(update(batch, scalars));
        state = afterStep(params, state, result);
        const isLast = curriculum.endReason(state) !== null;
        state = { ...state, validationDue: isDue(state.step, params.validateEvery) || isLast };

        const isLogged = state.step % runtime.logEvery === 0 || isLast;
        record(metrics, isLogged ? emit : null, state.step, {
          'train/loss': result.loss,
          'train/lr': rate,
          'train/grad_norm': result.gradientNorm,
          ...guardMetrics(context, state, { result, limits, checkpointsDir }),
          ...detourMetrics(context, state),
          ...progressOf(state.step, batches, inputs),
        });
        report.stepped(state.step, result.loss);

        if (state.validationDue) await validate();
        if (isDue(state.step, runtime.samples.every)) {
          report.starting('samples');
          await sample(state.step);
        }
      }
    };

    const end = await train().catch(async (error: unknown) => {
      if (error instanceof StageStopped || error instanceof StagePaused) await save();
      throw error;
    });
    report.ended(end);

    // The artifact.
    metrics.sync();
    metrics.close();
    cpSync(join(scratchDir, 'metrics.jsonl'), join(outDir, 'metrics.jsonl'));
    await writeModel(join(outDir, 'final'), weights(lastLoss));
    const best = state.best ? join(bestDir, stepFolder(state.best.step)) : join(outDir, 'final');
    cpSync(best, join(outDir, 'best'), { recursive: true });
    start.publish(outDir);
  } finally {
    saving.close();
    start.close();
    engine.close();
    for (const input of inputs) input.close();
  }
}

function isDue(step: number, every: number): boolean {
  return every > 0 && step % every === 0;
}
