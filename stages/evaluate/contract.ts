import { defineContract } from '../../src/pipeline/define-contract.ts';
import { params } from './params.ts';

export const contract = defineContract({
  kind: 'evaluate',
  alsoCalled: ['eval', 'evaluation', 'test', 'validate', 'score'],
  version: 2,
  summary: 'measures loss, perplexity and bits per byte on held-out text, for the trained and the initial weights',
  params,
  inputs: { checkpoint: 'checkpoint', 'held-out': 'tokens' },
  output: 'report',
  computesWith: ({ engine }) => ({ engine, precision: 'fp32' }),
  trackedFiles: ['report.json', 'report.md'],
  metrics: {
    heldOutLoss: 'evaluate/loss',
    sweepColumns: [
      { metric: 'evaluate/loss', head: 'held-out loss', goal: 'min' },
      { metric: 'evaluate/bits_per_byte', head: 'bits/byte', goal: 'min' },
    ],
    trackerColumns: ['evaluate/loss', 'evaluate/perplexity'],
    trackerCharts: [],
  },
  run: async (context) => (await import('../evaluate.ts')).run(context),
});
