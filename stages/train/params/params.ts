import { Type } from '@sinclair/typebox';
import type { ModelConfig } from '../../../src/lm/model/architecture.ts';
import { modelFaults, modelSchema } from '../../../src/lm/model/layouts.ts';
import type { ParamFault, StageContext, ValuesOf } from '../../../src/pipeline/stage-kind.ts';
import { engineParam, precisionFaults } from '../../shared-params.ts';
import { curriculumFaults } from './curriculum-faults.ts';
import { curriculumParams } from './curriculum.ts';
import { START_PORT, init } from './init.ts';
import { memoryParams } from './memory.ts';
import { savingRuntime } from './saving.ts';
import { schedule, scheduleFaults } from './schedule.ts';
import { freezeFaults, updateParams } from './update.ts';

export const params = {
  init,
  model: Type.Optional(modelSchema),
  ...curriculumParams,
  steps: Type.Integer({
    minimum: 1,
    maximum: 2 ** 31,
    examples: [1000],
    description: 'number of updates; each sees accumulate x batchSize x context tokens',
  }),
  batchSize: Type.Integer({ minimum: 1, maximum: 65536, examples: [8], description: 'sequences per batch' }),
  accumulate: Type.Integer({
    minimum: 1,
    maximum: 65536,
    default: 1,
    description:
      'batches per step, whose gradients are averaged: has the effect of a larger batchSize, with less memory and more time',
  }),
  schedule,
  ...updateParams,
  ...memoryParams,
  validateEvery: Type.Integer({
    minimum: 0,
    default: 100,
    description: 'steps between validations; there is always one at the start and at the end; 0: only those two',
  }),
  validationBatches: Type.Integer({
    minimum: 1,
    default: 20,
    description: 'batches of held-out text per validation, the same ones every time',
  }),
  seed: Type.Integer({
    minimum: 0,
    maximum: 4294967295,
    default: 1337,
    description: 'determines the initial weights, the order of the text, and the mix',
  }),
  engine: engineParam,
};

export const runtime = {
  logEvery: Type.Integer({ minimum: 1, default: 10, description: 'steps between points of the training curves' }),
  ...savingRuntime,
};

/** Params as in the pipeline file. */
export type WrittenParams = ValuesOf<typeof params>;
export type WrittenContext = StageContext<WrittenParams, ValuesOf<typeof runtime>>;

/** Params with the model's config, which may come from the initial weights. */
export type Params = Omit<WrittenParams, 'model'> & { model: ModelConfig };
export type Context = StageContext<Params, ValuesOf<typeof runtime>>;

/** Rules that the schema cannot express. */
export function check(written: WrittenParams, allPorts: string[]): ParamFault[] {
  const { init, model, freeze } = written;
  const faults = precisionFaults(written);
  const ports = allPorts.filter((port) => port !== START_PORT);
  const hasStart = ports.length < allPorts.length;
  if (!model && init.kind === 'scratch')
    faults.push({
      path: 'model',
      message: '"model" is missing: it sets the shape of a model from scratch',
      hint: 'for example model: { use: configs/model/gpt2-mini.yaml }',
    });
  if (hasStart !== (init.kind === 'artifact')) {
    const message = hasStart
      ? `the input "${START_PORT}" is only for init: { kind: artifact }`
      : `init: { kind: artifact } needs the input "${START_PORT}", which is missing`;
    faults.push({ path: 'init.kind', message });
  }
  for (const fault of model ? modelFaults(model) : []) faults.push({ ...fault, path: `model.${fault.path}` });
  faults.push(...scheduleFaults(written), ...(model ? freezeFaults(model, freeze) : []));
  faults.push(...curriculumFaults(written, ports));
  return faults;
}

/** Sequences per update. */
export function sequencesPerStep({ batchSize, accumulate }: Pick<Params, 'batchSize' | 'accumulate'>): number {
  return batchSize * accumulate;
}
