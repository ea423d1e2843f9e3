import { Type } from '@sinclair/typebox';
import { closedObject } from '../../../src/pipeline/define-contract.ts';
import { weightsParam } from '../../shared-params.ts';

/** The input with the weights of `init: { kind: artifact }`; every other input is tokens. */
export const START_PORT = 'start';

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
    closedObject({ kind: Type.Literal('scratch') }, { description: 'random weights' }),
    closedObject(
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
      { description: "OpenAI's GPT-2, once it is on this machine" },
    ),
    closedObject(
      {
        kind: Type.Literal('folder'),
        path: Type.String({
          minLength: 1,
          description:
            "a folder of yours with a TensorFlow checkpoint of OpenAI's form, or with Hugging Face safetensors",
        }),
        ...adaptation,
      },
      { description: 'weights in a folder of yours' },
    ),
    closedObject(
      {
        kind: Type.Literal('artifact'),
        weights: weightsParam,
        ...adaptation,
      },
      { description: 'what another train stage made, which the input `start` names' },
    ),
  ],
  { default: { kind: 'scratch' }, description: 'what training begins with' },
);
