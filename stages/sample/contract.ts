import { defineContract } from '../../src/pipeline/define-contract.ts';
import { precisionFaults } from '../shared-params.ts';
import { HELD_OUT_PORT, params } from './params.ts';

export const contract = defineContract({
  kind: 'sample',
  alsoCalled: ['generate', 'generation', 'inference', 'predict', 'sampling'],
  version: 3,
  summary: 'generates texts from a checkpoint with temperature, top-k, top-p and a seed; keeps all of them',
  params,
  inputs: { checkpoint: 'checkpoint' },
  optionalInputs: { [HELD_OUT_PORT]: 'tokens' },
  output: 'samples',
  computesWith: ({ engine, precision }) => ({ engine, precision }),
  check: precisionFaults,
  trackedFiles: ['samples.jsonl', 'samples.md'],
  run: async (context) => (await import('../sample.ts')).run(context),
});
