import { Type } from '@sinclair/typebox';
import { closedObject } from '../../../src/pipeline/define-contract.ts';
import { weightsParam } from '../../shared-params.ts';

/** The input that provides the weights for `init: { kind: artifact }`; all other inputs are tokens. */
export const START_PORT = 'start';

const adaptation = {
  extendContext: Type.Union([Type.Literal('refuse'), Type.Literal('repeat'), Type.Literal('stretch')], {
    default: 'refuse',
    description:
      'where position embeddings come from if model.context is larger than the context of the weights. repeat: the existing ones again, from the first; stretch: interpolated between the existing ones. A smaller context keeps the first ones',
  }),
  insertLayersAfter: Type.Array(Type.Integer({ minimum: 0, maximum: 1023 }), {
    default: [],
    description:
      'insert a new layer, which has no effect until it is trained, after each of these layers of the weights, counted from 0; a number may occur more than once',
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
            description: "size of OpenAI's GPT-2, by its newer or older name; ./runner setup weights NAME downloads it",
          },
        ),
        ...adaptation,
      },
      { description: "OpenAI's GPT-2, which must already be on this machine" },
    ),
    closedObject(
      {
        kind: Type.Literal('folder'),
        path: Type.String({
          minLength: 1,
          description: "a folder with a TensorFlow checkpoint in OpenAI's format, or with Hugging Face safetensors",
        }),
        ...adaptation,
      },
      { description: 'weights in a folder' },
    ),
    closedObject(
      {
        kind: Type.Literal('artifact'),
        weights: weightsParam,
        ...adaptation,
      },
      { description: 'weights from another train stage, which is the input `start`' },
    ),
  ],
  { default: { kind: 'scratch' }, description: 'the weights that training begins with' },
);
