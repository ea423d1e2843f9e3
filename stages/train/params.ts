import { Type, type Static } from '@sinclair/typebox';
import type { StageContext } from '../define-stage.ts';

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

export const params = Type.Object(
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

export const runtime = Type.Object(
  {
    logEvery: Type.Integer({ minimum: 1, default: 10, description: 'steps between two points of the training curves' }),
    checkpointEvery: Type.Integer({ minimum: 1, default: 100, description: 'steps that a crash can cost; each checkpoint is three times the size of the weights' }),
  },
  { additionalProperties: false },
);

export type Params = Static<typeof params>;
export type Context = StageContext<Params, Static<typeof runtime>>;

/** Rules that the schema cannot say. */
export function check({ model, mix, schedule }: Params, ports: string[]): { path: string; message: string }[] {
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
