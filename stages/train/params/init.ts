import { Type } from '@sinclair/typebox';

/** The input that `init: { kind: artifact }` begins from; every other one is text. */
export const START_PORT = 'start';

const closed = { additionalProperties: false };

const adaptation = {
  extendContext: Type.Union([Type.Literal('refuse'), Type.Literal('repeat'), Type.Literal('stretch')], {
    default: 'refuse',
    description:
      'where positions come from if model.context is larger than that of the weights; repeat: those there are, again from the first; stretch: drawn out. A smaller context keeps the first ones',
  }),
  insertLayersAfter: Type.Array(Type.Integer({ minimum: 0, maximum: 1023 }), {
    default: [],
    description:
      'after each of these layers of the weights, counted from 0, a new one that changes nothing until it is trained; a number may stand here twice',
  }),
};

export const init = Type.Union(
  [
    Type.Object({ kind: Type.Literal('scratch') }, { ...closed, description: 'random weights' }),
    Type.Object(
      {
        kind: Type.Literal('published'),
        name: Type.Union(
          [
            Type.Literal('124M'),
            Type.Literal('117M'),
            Type.Literal('355M'),
            Type.Literal('345M'),
            Type.Literal('774M'),
            Type.Literal('762M'),
            Type.Literal('1558M'),
            Type.Literal('1542M'),
          ],
          {
            description: "size of OpenAI's GPT-2, by its newer or its older name; ./runner setup weights NAME gets it",
          },
        ),
        ...adaptation,
      },
      { ...closed, description: "OpenAI's GPT-2, once it is on this machine" },
    ),
    Type.Object(
      {
        kind: Type.Literal('folder'),
        path: Type.String({
          minLength: 1,
          description:
            "a folder of yours with a TensorFlow checkpoint of OpenAI's form, or with Hugging Face safetensors",
        }),
        ...adaptation,
      },
      { ...closed, description: 'weights in a folder of yours' },
    ),
    Type.Object(
      {
        kind: Type.Literal('artifact'),
        weights: Type.Union([Type.Literal('best'), Type.Literal('final')], {
          default: 'best',
          description: 'best: those with the lowest validation loss; final: those of the last step',
        }),
        ...adaptation,
      },
      { ...closed, description: 'what another train stage made, which the input `start` names' },
    ),
  ],
  { default: { kind: 'scratch' }, description: 'what training begins with' },
);
