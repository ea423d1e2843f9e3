import { Type, type TInteger } from '@sinclair/typebox';
import { defaultTokenizer } from '../../../tokenizer/identity.ts';
import type { ModelConfig } from '../architecture.ts';

export const configSchema = Type.Object(
  {
    layers: Type.Integer({
      minimum: 1,
      maximum: 1024,
      examples: [6],
      description: 'blocks of attention and MLP; 12 in the smallest GPT-2',
    }),
    heads: Type.Integer({
      minimum: 1,
      maximum: 1024,
      examples: [6],
      description: 'attention heads per layer; must divide width, usually into heads of size 64',
    }),
    width: Type.Integer({
      minimum: 1,
      maximum: 65536,
      examples: [384],
      description: 'numbers that represent a token inside the model; 768 in the smallest GPT-2',
    }),
    context: Type.Integer({
      minimum: 2,
      maximum: 65536,
      examples: [256],
      description: 'tokens that the model sees at once; a training window is one token longer',
    }),
    vocabularySize: Type.Integer({
      minimum: 2,
      maximum: 65536,
      default: defaultTokenizer.vocabularySize,
      description: 'number of token ids; must be that of the tokens',
    }),
  } satisfies Record<keyof ModelConfig, TInteger>,
  {
    additionalProperties: false,
    description:
      'shape of the model; optional if `init` provides weights, which it must match in everything but the context',
  },
);

export function configFaults({ width, heads }: ModelConfig): { path: string; message: string; hint?: string }[] {
  return width % heads === 0
    ? []
    : [
        {
          path: 'heads',
          message: `a width of ${width} cannot be divided by ${heads} heads`,
          hint: `write heads: ${divisorNear(width, heads)}, or another width`,
        },
      ];
}

/** The largest divisor of the width that is not above the number of heads. */
function divisorNear(width: number, heads: number): number {
  for (let divisor = Math.min(heads, width); divisor > 1; divisor--) if (width % divisor === 0) return divisor;
  return 1;
}
