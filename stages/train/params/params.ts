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
    description: 'updates; one sees accumulate x batchSize x context tokens',
  }),
  batchSize: Type.Integer({ minimum: 1, maximum: 65536, description: 'sequences computed at once' }),
  accumulate: Type.Integer({
    minimum: 1,
    maximum: 65536,
    default: 1,
    description:
      'batches in one step, by the mean of their gradients: what a larger batchSize would do, in less memory and more time',
  }),
  schedule,
  ...updateParams,
  ...memoryParams,
  validateEvery: Type.Integer({
    minimum: 0,
    default: 100,
    description: 'steps between two validation losses, besides the first and the last; 0: only those two',
  }),
  validationBatches: Type.Integer({
    minimum: 1,
    default: 20,
    description: 'batches of held-out text behind a validation loss, the same ones every time',
  }),
  seed: Type.Integer({
    minimum: 0,
    maximum: 4294967295,
    default: 1337,
    description: 'of the first weights, the order of the text and the mix',
  }),
  engine: engineParam,
};

export const runtime = {
  logEvery: Type.Integer({ minimum: 1, default: 10, description: 'steps between two points of the training curves' }),
  ...savingRuntime,
};

/** Params as in the pipeline file. */
export type WrittenParams = ValuesOf<typeof params>;
export type WrittenContext = StageContext<WrittenParams, ValuesOf<typeof runtime>>;

/** With the model's config, which may come from the weights that training begins with. */
export type Params = Omit<WrittenParams, 'model'> & { model: ModelConfig };
export type Context = StageContext<Params, ValuesOf<typeof runtime>>;

/** Rules that the schema cannot express. */
export function check(written: WrittenParams, allPorts: string[]): ParamFault[] {
  const { init, model, freeze } = written;
  const faults = precisionFaults(written);
  const ports = allPorts.filter((port) => port !== START_PORT);
  const hasStart = ports.length < allPorts.length;
  if (!model && init.kind === 'scratch')
    faults.push({ path: 'model', message: '"model" is missing: without given weights nothing else tells its shape' });
  if (hasStart !== (init.kind === 'artifact')) {
    const message = hasStart
      ? `the input "${START_PORT}" is only for init: { kind: artifact }`
      : `init: { kind: artifact } begins from the input "${START_PORT}", which is missing`;
    faults.push({ path: 'init.kind', message });
  }
  for (const { path, message } of model ? modelFaults(model) : []) faults.push({ path: `model.${path}`, message });
  faults.push(...scheduleFaults(written), ...(model ? freezeFaults(model, freeze) : []));
  faults.push(...curriculumFaults(written, ports));
  return faults;
}

/** Sequences that one update sees. */
export function sequencesPerStep({ batchSize, accumulate }: Pick<Params, 'batchSize' | 'accumulate'>): number {
  return batchSize * accumulate;
}
