import { Type, type TNumber } from '@sinclair/typebox';
import { closedObject } from '../../../src/pipeline/define-contract.ts';
import { frozenWeights } from '../../../src/lm/optimizer/freeze.ts';
import type { ModelConfig } from '../../../src/lm/model/architecture.ts';
import { layoutOf } from '../../../src/lm/model/layouts.ts';

const clip = Type.Number({
  exclusiveMinimum: 0,
  default: 1,
  description: 'gradients with a larger norm are scaled down to this norm',
});
const beta1 = Type.Number({
  minimum: 0,
  exclusiveMaximum: 1,
  default: 0.9,
  description: 'decay of the running mean of the gradient',
});
const epsilon = Type.Number({
  exclusiveMinimum: 0,
  default: 1e-8,
  description: 'added to the divisor, so that gradients of zero do no harm',
});
const beta2 = (usual: number): TNumber =>
  Type.Number({
    minimum: 0,
    exclusiveMaximum: 1,
    default: usual,
    description:
      'decay of the running mean of the squared gradient: 0.95 forgets an outlier after tens of steps, 0.999 after thousands',
  });
const weightDecay = (usual: number): TNumber =>
  Type.Number({
    minimum: 0,
    maximum: 10,
    default: usual,
    description: 'pulls matrices towards zero, in proportion to the learning rate; does not affect biases and norms',
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
      { description: 'stores two numbers per weight' },
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
          description: 'share of the velocity that each step keeps; 0: plain gradient descent',
        }),
        nesterov: Type.Boolean({ default: false, description: 'look one step ahead along the velocity' }),
        weightDecay: Type.Number({
          minimum: 0,
          maximum: 10,
          default: 0,
          description: 'this multiple of each weight is added to its gradient; only for matrices',
        }),
        clip,
      },
      {
        description: 'stores one number per weight, none without momentum; needs a much higher rate than Adam',
      },
    ),
    closedObject(
      {
        kind: Type.Literal('adafactor'),
        decayPower: Type.Number({
          exclusiveMinimum: 0,
          maximum: 1,
          default: 0.8,
          description: 'update t keeps the share 1 - t^-decayPower of the running mean of squares',
        }),
        updateClip: Type.Number({
          exclusiveMinimum: 0,
          default: 1,
          description: 'maximum root mean square of the update of a tensor, in units of the learning rate',
        }),
        scaleByWeight: Type.Boolean({
          default: false,
          description:
            'make the rate relative to the size of each tensor, as in the paper; rates of 0.001 to 0.01 are then common',
        }),
        weightDecay: weightDecay(0),
        clip,
      },
      {
        description:
          'stores only one row and one column per matrix: for models whose Adam moments do not fit into memory',
      },
    ),
  ],
  { default: { kind: 'adamw' }, description: 'how gradients change the weights; the default kind is adamw' },
);

const guards = closedObject(
  {
    stopAfter: Type.Integer({
      minimum: 1,
      default: 3,
      description:
        'training stops after this many steps in a row whose loss or gradient is not finite; such steps are not applied',
    }),
    skipOutliers: Type.Number({
      minimum: 0,
      default: 0,
      description:
        'a step is not applied if its loss or gradient norm is this many standard deviations above the mean of the last 128 steps; 0: outliers are applied too',
    }),
  },
  { default: {}, description: 'protects training from single bad steps' },
);

const freeze = Type.Array(Type.String({ minLength: 1 }), {
  default: [],
  description:
    'weights that do not change, by name or pattern: wte.weight, "h.0.*"; they need no gradients and no optimizer memory',
});
const tokenNoise = Type.Number({
  minimum: 0,
  maximum: 1,
  default: 0,
  description:
    'share of the input tokens that is replaced by random ones; a little (0.05) keeps the model from memorizing a small corpus',
});

/** Params for how a batch changes the weights. */
export const updateParams = { optimizer, freeze, tokenNoise, guards };

/** Names of the frozen weights. */
export function frozenOf({ model, freeze }: { model: ModelConfig; freeze: string[] }): string[] {
  return frozenWeights(Object.keys(layoutOf(model).weightShapes), freeze).frozen;
}

/** Separate from `check`, because the config may come from weights, which are only read during a run. */
export function freezeFaults(model: ModelConfig, freeze: string[]): { path: string; message: string }[] {
  const { weightShapes, names: known } = layoutOf(model);
  const names = Object.keys(weightShapes);
  const { frozen, unmatched } = frozenWeights(names, freeze);
  const listed = names.filter((name) => !name.startsWith(known.blocks) || name.startsWith(`${known.blocks}0.`));
  const faults = unmatched.map((pattern) => ({
    path: `freeze.${freeze.indexOf(pattern)}`,
    message: `"${pattern}" matches no weight of this model; its weights are ${listed.join(', ')}${model.layers > 1 ? ` and so on up to ${known.blocks}${model.layers - 1}` : ''}`,
  }));
  if (frozen.length === names.length) faults.push({ path: 'freeze', message: 'nothing is left to train' });
  return faults;
}
