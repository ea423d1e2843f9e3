import { Type, type Static, type TObject } from '@sinclair/typebox';
import { closedObject } from '../../../src/pipeline/define-contract.ts';
import { TOKEN_CLASSES } from '../../../src/tokenizer/token-labels.ts';

const shareOfInput = closedObject({
  from: Type.String({ description: 'an input of this stage' }),
  weight: Type.Number({
    exclusiveMinimum: 0,
    description: 'its share of the sequences, relative to the other weights',
  }),
});
const mix = Type.Array(shareOfInput, {
  default: [],
  description:
    'how sequences are drawn from the inputs; default: from all inputs except those of `review` and `detour`, in proportion to their numbers of tokens',
});
const mixTemperature = Type.Number({
  minimum: 1,
  maximum: 1e6,
  default: 1,
  description:
    'without `mix`, the weights are tokens^(1/temperature): 2 brings the shares of small and large inputs closer, a very high temperature makes them equal',
});
const mixPhases = Type.Array(
  closedObject({
    untilStep: Type.Integer({ minimum: 1, description: 'the phase ends before this step' }),
    mix: Type.Array(shareOfInput, { minItems: 1, description: 'mix during this phase' }),
  }),
  {
    default: [],
    description:
      'different mixes for the first steps, in order; `mix` is used after the last phase. The held-out loss is always weighted by `mix`',
  },
);

// Mix-review: training continues on an earlier text, less and less, so that it is not forgotten at once.
const reviewed = {
  from: Type.String({ description: 'an input of this stage' }),
  share: Type.Number({
    minimum: 0,
    exclusiveMaximum: 1,
    description: 'share of all sequences at the start; the mix gets the rest',
  }),
};
const review = Type.Union(
  [
    closedObject({
      kind: Type.Literal('perEpoch'),
      ...reviewed,
      factor: Type.Number({
        minimum: 0,
        maximum: 1,
        description: 'the share is multiplied by this after each pass over the mix',
      }),
    }),
    closedObject({
      kind: Type.Literal('overSteps'),
      ...reviewed,
      steps: Type.Integer({
        minimum: 1,
        description: 'the share falls linearly and is zero from this step on',
      }),
    }),
  ],
  { description: 'also train on a share of another input, which decays' },
);

// From the 2019 blog post that this project reproduces: whenever the held-out loss stalled, its author trained on
// another text for up to 1,500 steps, a few times in all.
const detour = closedObject(
  {
    to: Type.String({
      description: 'an input of this stage; if named only here, it is used only during detours',
    }),
    patience: Type.Integer({
      minimum: 1,
      description:
        'a detour begins after this many validations in a row without a lower loss on the mix; the count restarts after a detour',
    }),
    minDelta: Type.Number({
      minimum: 0,
      default: 0,
      description: 'a loss counts as lower if it is more than this many nats below the lowest so far',
    }),
    steps: Type.Integer({
      minimum: 1,
      description: 'length of a detour; its steps count towards `steps` and advance the schedule',
    }),
    rate: Type.Optional(
      Type.Number({
        exclusiveMinimum: 0,
        maximum: 10,
        description: "learning rate during a detour; default: the schedule's",
      }),
    ),
    max: Type.Integer({ minimum: 1, default: 3, description: 'maximum number of detours' }),
  },
  {
    description: 'when the held-out loss stalls, train on another input for a while, then return',
  },
);

const stop = closedObject(
  {
    tokens: Type.Optional(Type.Integer({ minimum: 1, description: 'stop after training on this many targets' })),
    epochs: Type.Optional(
      Type.Number({ exclusiveMinimum: 0, description: 'stop after this many passes over the mix' }),
    ),
    patience: Type.Optional(
      Type.Integer({
        minimum: 1,
        description:
          'stop after this many validations in a row without a lower loss on the mix; those during a detour do not count',
      }),
    ),
    minDelta: Type.Number({
      minimum: 0,
      default: 0,
      description: 'a loss counts as lower if it is more than this many nats below the lowest so far',
    }),
  },
  {
    description:
      'conditions that end training before its last step; the first one reached counts. The schedule still covers all `steps`',
  },
);

const windows = Type.Union([Type.Literal('anywhere'), Type.Literal('documents'), Type.Literal('lines')], {
  default: 'anywhere',
  description:
    'where training windows begin. anywhere: at different positions in each epoch, without padding; documents: at the start of conversations, with short ones packed together; lines: at the start of lines. The last two pad windows and use every token once per epoch',
});

const learn = closedObject(
  {
    classes: Type.Array(Type.Union(TOKEN_CLASSES.map((name) => Type.Literal(name))), {
      minItems: 1,
      uniqueItems: true,
      default: [...TOKEN_CLASSES],
      description: 'which parts count: the stamp, name and text of a line, and the separator after a conversation',
    }),
    speakers: Type.Array(Type.String(), {
      default: [],
      description: 'only lines of these people count, by their names in the tokens; default: all people',
    }),
  },
  {
    description:
      'which tokens count in the training loss; the others are only context. The held-out loss always counts every token',
  },
);

/** Params of the data curriculum: what each step trains on, and when training ends. */
export const curriculumParams = {
  mix,
  mixTemperature,
  mixPhases,
  review: Type.Optional(review),
  detour: Type.Optional(detour),
  windows,
  learn: Type.Optional(learn),
  stop: Type.Optional(stop),
};

export type CurriculumParams = Static<TObject<typeof curriculumParams>>;
