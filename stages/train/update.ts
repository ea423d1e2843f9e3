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
import { gradientsHow } from './params/memory.ts';
import { asScalars } from './metrics.ts';
import type { Params } from './params/params.ts';
import { ofPart, type Variables } from './state.ts';
import { frozenOf } from './params/update.ts';

type Arrays = Record<string, Int32Array | Float32Array>;

/**
 * One optimizer update on the rows of a batch, [accumulate · batchSize, T] each. `scalars` are the numbers of
 * `updateInputs`.
 */
export type Update = (
  batch: Arrays,
  scalars: Record<string, number>,
) => Promise<{ loss: number; gradientNorm: number; /** else it was not, and nothing has changed */ applied: boolean }>;

/** One program where a step is one batch; else one that adds up gradients and one that updates by them. */
export function compileUpdate(
  engine: Engine,
  variables: Variables,
  params: Params,
  { model, labelWeights }: { model: Model; labelWeights: boolean },
): Update {
  const { batchSize, accumulate, optimizer } = params;
  const training = { model, optimizer, frozen: frozenOf(params), how: gradientsHow(params) };
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
    for (let place = 0; place < accumulate; place++) {
      const rows = rowsOf(batch, place, accumulate);
      const share = shareOf(rows['labelWeights'], batch['labelWeights']) ?? 1 / accumulate;
      const result = await gradients.call({ ...rows, ...asScalars({ share }) });
      loss += share * result['loss']![0]!;
    }
    return resultOf(await update.call(asScalars({ loss, ...scalars })));
  };
}

function rowsOf(batch: Arrays, place: number, of: number): Arrays {
  return Object.fromEntries(
    Object.entries(batch).map(([name, { length }]) => [
      name,
      batch[name]!.subarray((place * length) / of, ((place + 1) * length) / of),
    ]),
  );
}

/** Each target counts the same, in whichever part of the step it is. */
function shareOf(weights: Arrays[string] | undefined, of: Arrays[string] | undefined): number | null {
  return weights && of ? sum(weights) / Math.max(1, sum(of)) : null;
}

function sum(values: Arrays[string]): number {
  let total = 0;
  for (let i = 0; i < values.length; i++) total += values[i]!;
  return total;
}

function resultOf(outputs: Record<string, Float32Array>): Awaited<ReturnType<Update>> {
  return {
    loss: outputs['loss']![0]!,
    gradientNorm: outputs['gradientNorm']![0]!,
    applied: outputs['applied']![0] === 1,
  };
}
