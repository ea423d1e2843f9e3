import type { Engine } from '../../src/engine/engine.ts';
import type { Model } from '../../src/lm/model/architecture.ts';
import {
  accumulateInputs,
  accumulateStep,
  lossInput,
  sumShapes,
  trainingInputs,
  trainingStep,
  updateInputs,
  updateStep,
} from '../../src/lm/training/training-step.ts';
import { gradientOptions } from './params/memory.ts';
import type { Params } from './params/params.ts';
import { ofPart, type Variables } from './state.ts';
import { frozenOf } from './params/update.ts';

type Arrays = Record<string, Int32Array | Float32Array>;

export interface UpdateResult {
  /** loss of the batch before the update */
  loss: number;
  gradientNorm: number;
  /** false if loss or gradient norm was not finite or above its limit, so that nothing changed */
  applied: boolean;
}

/** One optimizer update. The arrays of `batch` are [accumulate · batchSize, T]; `scalars` are those of `updateInputs`. */
export type Update = (batch: Arrays, scalars: Record<string, number>) => Promise<UpdateResult>;

/** One program if a step is one batch; otherwise one that adds up gradients and one that updates with the sums. */
export function compileUpdate(
  engine: Engine,
  variables: Variables,
  params: Params,
  { model, labelWeights }: { model: Model; labelWeights: boolean },
): Update {
  const { batchSize, accumulate, optimizer } = params;
  const training = { model, optimizer, frozen: frozenOf(params), options: gradientOptions(params) };
  const batchInputs = trainingInputs(batchSize, model.config.context, { labelWeights, dropout: params.dropout > 0 });
  if (accumulate === 1) {
    const step = engine.compile(
      'training_step',
      { inputs: { ...batchInputs, ...updateInputs(optimizer) }, variables },
      trainingStep(training),
    );
    return async (batch, scalars) => resultOf(await step.call({ ...batch, ...asScalars(scalars) }));
  }

  const shapes = Object.entries(sumShapes(training, model.weightShapes));
  const sums = Object.fromEntries(
    shapes.map(([name, shape]) => [
      name,
      engine.variable(name, shape, new Float32Array(shape.reduce((product, length) => product * length, 1))),
    ]),
  );
  const gradients = engine.compile(
    'gradients',
    { inputs: { ...batchInputs, ...accumulateInputs }, variables: { ...ofPart(variables, 'weights'), ...sums } },
    accumulateStep(training),
  );
  const update = engine.compile(
    'update',
    { inputs: { ...updateInputs(optimizer), ...lossInput }, variables: { ...variables, ...sums } },
    updateStep(training),
  );
  return async (batch, scalars) => {
    let loss = 0;
    for (let part = 0; part < accumulate; part++) {
      const rows = rowsOf(batch, part, accumulate);
      const share = shareOf(rows['labelWeights'], batch['labelWeights']) ?? 1 / accumulate;
      const result = await gradients.call({ ...rows, ...asScalars({ share }) });
      loss += share * result['loss']![0]!;
    }
    return resultOf(await update.call(asScalars({ loss, ...scalars })));
  };
}

function rowsOf(batch: Arrays, part: number, parts: number): Arrays {
  return Object.fromEntries(
    Object.entries(batch).map(([name, { length }]) => [
      name,
      batch[name]!.subarray((part * length) / parts, ((part + 1) * length) / parts),
    ]),
  );
}

/** A part's share of the step's loss, so that every target counts the same in any part. Null without weights. */
function shareOf(part: Arrays[string] | undefined, whole: Arrays[string] | undefined): number | null {
  return part && whole ? sum(part) / Math.max(1, sum(whole)) : null;
}

function sum(values: Arrays[string]): number {
  let total = 0;
  for (let i = 0; i < values.length; i++) total += values[i]!;
  return total;
}

function asScalars(values: Record<string, number>): Record<string, Float32Array> {
  return Object.fromEntries(Object.entries(values).map(([name, value]) => [name, Float32Array.of(value)]));
}

function resultOf(outputs: Record<string, Float32Array>): UpdateResult {
  return {
    loss: outputs['loss']![0]!,
    gradientNorm: outputs['gradientNorm']![0]!,
    applied: outputs['applied']![0] === 1,
  };
}
