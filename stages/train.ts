/**
 * train: tokens in, a GPT-2 out.
 *
 * One step is one captured program: a batch goes in, loss and gradient norm come out, weights and moments are assigned
 * inside, unless the two are no numbers (with `accumulate`, one program for each batch and one that updates). All that
 * varies (windows of the batch, rate) is a pure function of seed, step and what the state records, so a killed run goes
 * on from its newest checkpoint and ends in the same bits as one that was never disturbed.
 */
import { cpSync } from 'node:fs';
import { join } from 'node:path';
import { writeCheckpoint } from '../src/artifacts/checkpoint/checkpoint.ts';
import { openMetricsFile } from '../src/artifacts/checkpoint/metrics-file.ts';
import { keepOnly, saveTraining, stepFolder, type TrainingState } from '../src/artifacts/checkpoint/training-state.ts';
import { engineChoice, openEngine } from '../src/engine/open-engine.ts';
import { modelOf } from '../src/lm/model/models.ts';
import { NO_SKIPS } from '../src/lm/training/guards.ts';
import { NO_PLATEAU } from '../src/lm/training/plateau.ts';
import { rateAt } from '../src/lm/training/schedule.ts';
import { noisyTokens } from '../src/lm/data/token-noise.ts';
import { lossStep, trainingInputs } from '../src/lm/training/training-step.ts';
import { StagePaused, StageStopped } from '../src/pipeline/stage-kind.ts';
import { planCourse } from './train/course.ts';
import { checkValidation, finiteOnly, guarded, updateNumbers } from './train/guard.ts';
import { openStart } from './train/start/init.ts';
import { checkInputs, openInputs } from './train/inputs.ts';
import { tokenizerFiles } from '../src/tokenizer/open-tokenizer.ts';
import { checkMemory } from './train/memory.ts';
import { dropoutSeeds } from './train/params/memory.ts';
import { progressOf, record } from './train/metrics.ts';
import type { Context, WrittenContext } from './train/params/params.ts';
import { reduceOnPlateau } from './train/plateau.ts';
import { progressReport } from './train/report.ts';
import { sampler } from './train/samples.ts';
import { checkSpace, openSaving } from './train/saving.ts';
import { ofPart, openSaved, saveBest, stateIn, tensorsOf, weightsOf } from './train/state.ts';
import { compileUpdate } from './train/update.ts';
import { validationLoss, validationWindows } from './train/validation.ts';

export async function run(written: WrittenContext): Promise<void> {
  const inputs = openInputs(written);
  const start = await openStart(written, inputs[0]!.tokenizer);
  const context: Context = { ...written, params: { ...written.params, model: start.model } };
  const { params, runtime, outDir, scratchDir, emit, signal } = context;
  const { steps, batchSize, schedule, tokenNoise, seed } = params;
  const model = modelOf(params.model);
  const checkpointsDir = join(scratchDir, 'checkpoints');
  const bestDir = join(scratchDir, 'best');

  checkMemory(context);
  checkSpace(context);
  checkInputs(inputs, context);
  const engine = await openEngine(engineChoice(params.engine, params.precision));
  const saving = openSaving(context);
  emit({ kind: 'note', text: engine.description });
  try {
    // The state: weights and moments live in the engine, from the newest checkpoint or from the start.
    const saved = openSaved(checkpointsDir, params);
    const variables = stateIn(engine, params, { start, saved });
    const state: TrainingState = saved?.state ?? {
      version: 1,
      step: 0,
      metricsBytes: 0,
      best: null,
      guard: NO_SKIPS,
      plateau: NO_PLATEAU,
    };
    saved?.close();
    const metrics = openMetricsFile(join(scratchDir, 'metrics.jsonl'), state.metricsBytes);
    if (saved) emit({ kind: 'resumed', step: state.step });
    const course = planCourse(context, inputs, state);
    const { batches } = course;

    // The programs.
    const update = compileUpdate(engine, variables, params, { model, labelWeights: batches.masked });
    const losses = engine.compile(
      'validation_losses',
      { inputs: trainingInputs(batchSize, params.model.context), variables: ofPart(variables, 'weights') },
      lossStep(model),
    );
    const validation = inputs.map((input) => ({ ...input, windows: validationWindows(input, params) }));
    const report = progressReport(context);
    const sample = sampler(context, { engine, model, variables, tokenizer: inputs[0]!.tokenizer });

    const validate = async (): Promise<void> => {
      const loss = await validationLoss(losses, validation, params, report.validating);
      record(metrics, emit, state.step, loss.metrics);
      if (loss.mean === null) return;
      checkValidation(loss.mean, state.step, checkpointsDir);
      report.validated(loss.mean, loss.classes);
      if (!course.isAway(state.step)) record(metrics, emit, state.step, reduceOnPlateau(context, state, loss.mean));
      course.validated(state.step, loss.mean);
      if (state.best !== null && loss.mean >= state.best.loss) return;
      state.best = { step: state.step, loss: loss.mean };
      record(metrics, emit, state.step, { 'best/eval_loss': loss.mean, 'best/step': state.step });
      await saveBest(bestDir, { state, params, start, engine, variables, input: inputs[0]! });
    };

    const save = async (): Promise<void> => {
      if (state.guard.inARow > 0) return; // the last good one stays
      state.metricsBytes = metrics.sync();
      await saveTraining(
        checkpointsDir,
        state,
        finiteOnly(tensorsOf(engine, variables), state.step, checkpointsDir),
        runtime.keep,
      );
      keepOnly(bestDir, state.best ? [stepFolder(state.best.step)] : []);
      saving.saved(state.step);
    };

    // The loop.
    report.starting(state.step);
    if (state.step === 0) await validate();
    while (course.endReason(state.step) === null) {
      if (runtime.pauseAt > 0 && state.step >= runtime.pauseAt) {
        await save();
        throw new StagePaused(state.step);
      }
      const rate = course.rate(state.step, rateAt(schedule, state.step, steps, state.plateau.reductions));
      const batch = batches.batchAt(state.step);
      const tokens = noisyTokens(batch.tokens, { probability: tokenNoise, ...params.model, seed, step: state.step });
      report.stepping();
      const result = await update(
        { ...batch, tokens, ...dropoutSeeds(params, state.step) },
        updateNumbers(params, state, rate),
      );
      state.step++;

      const verdict = guarded(context, state, result, checkpointsDir);
      const values = {
        'train/loss': result.loss,
        'train/lr': rate,
        'train/grad_norm': result.gradientNorm,
        ...verdict,
        ...course.stepped(state.step),
        ...progressOf(state.step, batches, inputs),
      };
      const isLast = course.endReason(state.step) !== null;
      record(metrics, state.step % runtime.logEvery === 0 || isLast ? emit : null, state.step, values);
      report.stepped(state.step, result.loss);

      if (isDue(state.step, params.validateEvery) || isLast) await validate();
      if (isDue(state.step, runtime.samples.every)) await sample(state.step);
      if (course.endReason(state.step) !== null) break;
      if (signal.aborted || saving.isTimeUp()) {
        await save();
        throw new StageStopped();
      }
      if (saving.isDue(state.step)) await save();
    }

    report.ended(course.endReason(state.step)!);

    // The artifact.
    metrics.sync();
    metrics.close();
    cpSync(join(scratchDir, 'metrics.jsonl'), join(outDir, 'metrics.jsonl'));
    const training = {
      version: 1 as const,
      step: state.step,
      seed,
      init: start.record,
      validationLoss: report.lastValidation(),
    };
    const tensors = weightsOf(engine, variables);
    await writeCheckpoint(join(outDir, 'final'), {
      config: model.huggingFaceConfig(inputs[0]!.separator),
      tokenizer: tokenizerFiles(inputs[0]!.tokenizer, params.model.context),
      training,
      tensors,
    });
    cpSync(state.best ? join(bestDir, stepFolder(state.best.step)) : join(outDir, 'final'), join(outDir, 'best'), {
      recursive: true,
    });
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
