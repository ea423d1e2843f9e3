import { Type } from '@sinclair/typebox';
import { closedObject } from '../../../src/pipeline/define-contract.ts';
import type { Gpt2Config } from '../../../src/lm/model/gpt2.ts';
import { defaultTokenizer } from '../../../src/tokenizer/identity.ts';
import type { ParamFault, StageContext, ValuesOf } from '../../../src/pipeline/stage-kind.ts';
import { engineParam, precisionFaults } from '../../shared-params.ts';
import { courseFaults } from './course-faults.ts';
import { courseParams, savingRuntime } from './course.ts';
import { START_PORT, init } from './init.ts';
import { memoryParams } from './memory.ts';
import { schedule, scheduleFaults } from './schedule.ts';
import { freezeFaults, updateParams } from './update.ts';

const model = closedObject(
  {
    layers: Type.Integer({
      minimum: 1,
      maximum: 1024,
      description: 'blocks of attention and MLP; 12 in the smallest GPT-2',
    }),
    heads: Type.Integer({
      minimum: 1,
      maximum: 1024,
      description: 'attention heads of a layer; must divide width, by tradition into pieces of 64',
    }),
    width: Type.Integer({
      minimum: 1,
      maximum: 65536,
      description: 'numbers that stand for a token inside the model; 768 in the smallest GPT-2',
    }),
    context: Type.Integer({
      minimum: 2,
      maximum: 65536,
      description: 'tokens that the model sees at once; a training window is one longer',
    }),
    vocabularySize: Type.Integer({
      minimum: 2,
      maximum: 65536,
      default: defaultTokenizer.vocabularySize,
      description: 'different token ids; must be that of the tokens',
    }),
  },
  {
    description:
      'the shape of the model; may be left out where `init` brings weights, and must agree with them in all but the context',
  },
);

export const params = {
  init,
  model: Type.Optional(model),
  ...courseParams,
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

/** As they stand in the file. */
export type WrittenParams = ValuesOf<typeof params>;
export type WrittenContext = StageContext<WrittenParams, ValuesOf<typeof runtime>>;

/** With the model's shape, which may come from the weights that training begins with. */
export type Params = Omit<WrittenParams, 'model'> & { model: Gpt2Config };
export type Context = StageContext<Params, ValuesOf<typeof runtime>>;

/** Rules that the schema cannot say. */
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
  if (model && model.width % model.heads !== 0)
    faults.push({ path: 'model.heads', message: `${model.heads} heads do not divide a width of ${model.width}` });
  faults.push(...scheduleFaults(written), ...(model ? freezeFaults(model, freeze) : []));
  faults.push(...courseFaults(written, ports));
  return faults;
}

/** Sequences that one update sees. */
export function sequencesPerStep({ batchSize, accumulate }: Pick<Params, 'batchSize' | 'accumulate'>): number {
  return batchSize * accumulate;
}
