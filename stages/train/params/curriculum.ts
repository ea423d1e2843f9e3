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
    'which input the next sequence comes from; left out: all of them but those that only `review` or `detour` names, each by its number of tokens',
});
const mixTemperature = Type.Number({
  minimum: 1,
  maximum: 1e6,
  default: 1,
  description:
    'where `mix` is left out: weights are tokens^(1/temperature), so 2 brings a small input closer to a large one, and very high ones are equal shares',
});
const mixPhases = Type.Array(
  closedObject({
    untilStep: Type.Integer({ minimum: 1, description: 'the steps before this one' }),
    mix: Type.Array(shareOfInput, { minItems: 1, description: 'the mix in this phase' }),
  }),
  {
    default: [],
    description:
      'other mixes for the first steps, in order; after the last of them `mix` holds, by whose weights the validation loss is a mean',
  },
);

// Mix-review: a text learnt before is shown on, less and less, so that it is not forgotten at once.
const reviewed = {
  from: Type.String({ description: 'an input of this stage' }),
  share: Type.Number({
    minimum: 0,
    exclusiveMaximum: 1,
    description: 'of all sequences at the start; the mix shares the rest',
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
        description: 'what is left of the share after each pass over the mix',
      }),
    }),
    closedObject({
      kind: Type.Literal('overSteps'),
      ...reviewed,
      steps: Type.Integer({
        minimum: 1,
        description: 'the share falls in a straight line and is zero from this step on',
      }),
    }),
  ],
  { description: 'a share of another input that decays' },
);

// The seed's trick: its author went to another text for up to 1,500 steps whenever the loss on his own stood still, a few times.
const detour = closedObject(
  {
    to: Type.String({ description: 'an input of this stage; name it here only, and it is trained on nowhere else' }),
    patience: Type.Integer({
      minimum: 1,
      description:
        'validations in a row without a lower loss on the mix that begin a detour; after the way back they are counted anew',
    }),
    minDelta: Type.Number({
      minimum: 0,
      default: 0,
      description: 'nats by which a loss must lie below the lowest to count as lower',
    }),
    steps: Type.Integer({
      minimum: 1,
      description: 'length of a detour; part of `steps`, and the schedule goes on meanwhile',
    }),
    rate: Type.Optional(
      Type.Number({
        exclusiveMinimum: 0,
        maximum: 10,
        description: "learning rate on the way; left out: the schedule's",
      }),
    ),
    max: Type.Integer({ minimum: 1, default: 3, description: 'detours in all' }),
  },
  {
    description: 'when the loss on held-out text stands still, train a while on another input, then come back',
  },
);

const stop = closedObject(
  {
    tokens: Type.Optional(Type.Integer({ minimum: 1, description: 'targets trained on' })),
    epochs: Type.Optional(Type.Number({ exclusiveMinimum: 0, description: 'passes over the mix' })),
    patience: Type.Optional(
      Type.Integer({
        minimum: 1,
        description: 'validations in a row without a lower loss on the mix; those during a detour do not count',
      }),
    ),
    minDelta: Type.Number({
      minimum: 0,
      default: 0,
      description: 'nats by which a loss must lie below the lowest to count as lower',
    }),
  },
  {
    description:
      'ends training before its last step; whatever is reached first. The schedule is laid out for all `steps`',
  },
);

const windows = Type.Union([Type.Literal('anywhere'), Type.Literal('documents'), Type.Literal('lines')], {
  default: 'anywhere',
  description:
    'where training windows begin. anywhere: another cut each epoch, no padding; documents: at conversations, short ones packed together; lines: at lines. The last two pad, and use every token once an epoch',
});

const learn = closedObject(
  {
    classes: Type.Array(Type.Union(TOKEN_CLASSES.map((name) => Type.Literal(name))), {
      minItems: 1,
      uniqueItems: true,
      default: [...TOKEN_CLASSES],
      description: 'of a line: its stamp, its name, its text; and the separator after a conversation',
    }),
    speakers: Type.Array(Type.String(), {
      default: [],
      description: 'only lines of these people, by the names in the tokens; left out: of all',
    }),
  },
  {
    description:
      'what counts in the training loss; all else is read, but not learnt. The validation loss stays that of every token',
  },
);

/** Params of the data curriculum: what each step trains on, and when training is over. */
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
