import { Type, type TNumber } from '@sinclair/typebox';
import { closedObject } from '../../../src/pipeline/define-contract.ts';
import { frozenWeights } from '../../../src/lm/optimizer/freeze.ts';
import type { ModelConfig } from '../../../src/lm/model/architecture.ts';
import { layoutOf } from '../../../src/lm/model/layouts.ts';

const clip = Type.Number({
  exclusiveMinimum: 0,
  default: 1,
  description: 'longest gradient that is used as it is; a longer one is shortened',
});
const beta1 = Type.Number({
  minimum: 0,
  exclusiveMaximum: 1,
  default: 0.9,
  description: 'memory of the mean gradient',
});
const epsilon = Type.Number({
  exclusiveMinimum: 0,
  default: 1e-8,
  description: 'keeps the division defined where a gradient is silent',
});
const beta2 = (usual: number): TNumber =>
  Type.Number({
    minimum: 0,
    exclusiveMaximum: 1,
    default: usual,
    description:
      'memory of the squared gradient: 0.95 forgets an odd gradient after tens of steps, 0.999 after thousands',
  });
const weightDecay = (usual: number): TNumber =>
  Type.Number({
    minimum: 0,
    maximum: 10,
    default: usual,
    description: 'pull of matrices towards zero, in units of the rate; biases and norms are left alone',
  });
const optimizer = Type.Union(
  [
    // Defaults are nanoGPT's; a beta2 of 0.95 suits short runs.
    closedObject(
      {
        kind: Type.Literal('adamw', { default: 'adamw' }),
        beta1,
        beta2: beta2(0.95),
        epsilon,
        weightDecay: weightDecay(0.1),
        clip,
      },
      { description: 'remembers two numbers for each weight' },
    ),
    closedObject(
      { kind: Type.Literal('adam'), beta1, beta2: beta2(0.999), epsilon, clip },
      { description: 'AdamW without decay, as the GPT-2 fine-tuners of 2019 used it' },
    ),
    closedObject(
      {
        kind: Type.Literal('sgd'),
        momentum: Type.Number({
          minimum: 0,
          exclusiveMaximum: 1,
          default: 0.9,
          description: 'share of the old velocity that is kept; 0 remembers nothing',
        }),
        nesterov: Type.Boolean({ default: false, description: 'look one step ahead along the velocity' }),
        weightDecay: Type.Number({
          minimum: 0,
          maximum: 10,
          default: 0,
          description: 'times the weight, added to the gradient of matrices',
        }),
        clip,
      },
      {
        description: 'one number for each weight, none without momentum; wants a far higher rate than Adam',
      },
    ),
    closedObject(
      {
        kind: Type.Literal('adafactor'),
        decayPower: Type.Number({
          exclusiveMinimum: 0,
          maximum: 1,
          default: 0.8,
          description: 'update t forgets t to the power of minus this of the old squares',
        }),
        updateClip: Type.Number({
          exclusiveMinimum: 0,
          default: 1,
          description: 'longest update of one weight, root mean square, in units of the rate',
        }),
        scaleByWeight: Type.Boolean({
          default: false,
          description: 'the rate is relative to the size of each weight, as in the paper; 0.01 to 0.001 is usual then',
        }),
        weightDecay: weightDecay(0),
        clip,
      },
      {
        description:
          'remembers a row and a column for each matrix, almost nothing: for models whose moments do not fit',
      },
    ),
  ],
  { default: { kind: 'adamw' }, description: 'how gradients become new weights; without a kind it is adamw' },
);

const guards = closedObject(
  {
    stopAfter: Type.Integer({
      minimum: 1,
      default: 3,
      description:
        'steps in a row with a loss or gradient that is no finite number, after which training stops; none of them is applied',
    }),
    skipOutliers: Type.Number({
      minimum: 0,
      default: 0,
      description:
        'steps whose loss or gradient norm lies so many standard deviations above the mean of the last 128 are not applied; 0: all are',
    }),
  },
  { default: {}, description: 'what keeps one broken step from spoiling the training' },
);

const freeze = Type.Array(Type.String({ minLength: 1 }), {
  default: [],
  description:
    'weights that stay as they are, by name or pattern: wte.weight, "h.0.*"; they cost no gradient and no memory of the optimizer',
});
const tokenNoise = Type.Number({
  minimum: 0,
  maximum: 1,
  default: 0,
  description:
    'share of the tokens read that is replaced by any other; a little (0.05) keeps a small corpus from being learnt by heart',
});

/** Params of how a batch changes the weights. */
export const updateParams = { optimizer, freeze, tokenNoise, guards };

/** Names of the frozen weights. */
export function frozenOf({ model, freeze }: { model: ModelConfig; freeze: string[] }): string[] {
  return frozenWeights(Object.keys(layoutOf(model).weightShapes), freeze).frozen;
}

/** Its own function, because the config may come from weights, which only a run reads. */
export function freezeFaults(model: ModelConfig, freeze: string[]): { path: string; message: string }[] {
  const { weightShapes, names: known } = layoutOf(model);
  const names = Object.keys(weightShapes);
  const { frozen, unmatched } = frozenWeights(names, freeze);
  const listed = names.filter((name) => !name.startsWith(known.blocks) || name.startsWith(`${known.blocks}0.`));
  const faults = unmatched.map((pattern) => ({
    path: `freeze.${freeze.indexOf(pattern)}`,
    message: `"${pattern}" names no weight of this model; there are ${listed.join(', ')}${model.layers > 1 ? ` and so on to ${known.blocks}${model.layers - 1}` : ''}`,
  }));
  if (frozen.length === names.length) faults.push({ path: 'freeze', message: 'nothing is left to train' });
  return faults;
}
