import { defineContract } from '../../src/pipeline/define-contract.ts';
import { headerFaults } from '../../src/artifacts/tokens/header.ts';
import { templateFaults } from '../../src/artifacts/tokens/line-template.ts';
import { VERSION, params } from './params.ts';

export const contract = defineContract({
  kind: 'tokenize',
  alsoCalled: ['tokenizer', 'tokenization', 'tokenise', 'encode'],
  version: VERSION,
  summary:
    "renders conversations as lines of text, encodes them with GPT-2's encoding, and splits them into train, validation and test",
  params,
  inputs: { conversations: 'conversations' },
  output: 'tokens',
  check: ({ template, header }) => [
    ...templateFaults(template).map((message) => ({ path: 'template', message })),
    ...headerFaults(header).map((message) => ({ path: 'header', message })),
  ],
  run: async (context) => (await import('../tokenize.ts')).run(context),
});
