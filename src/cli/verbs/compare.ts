import { anyNumber, defineVerb, text, toggle } from '../verb.ts';
import { RUN_NAMES } from '../find/run-names.ts';

export const compareVerb = defineVerb({
  name: 'compare',
  group: 'Inspect',
  positionals: { runs: anyNumber('RUN', 'run', `${RUN_NAMES}; or the id of a sweep, for all of its runs`) },
  about: 'compare runs in a table (params that differ, best and last metric) or on a page of curves',
  flags: {
    html: text('FILE', 'write a page with curves, params and samples; it needs no network', 'file'),
    metric: text('NAME', 'compare this metric, e.g. train/loss (default: the held-out loss)', []),
    json: toggle('print the table as JSON'),
  },
  notes: [
    'Without RUN, it compares the runs of the newest sweep if the newest run is part of one, else the five newest.',
    'Where the terminal is too narrow, fewer params are shown, and their values are cut in the middle; then `tokens`,',
    '`at … tokens`, `at step`, `took` and `outcome` are left out; then the names of the runs are cut in the middle.',
  ],
  examples: ['compare sweep-lr-97b928 --html sweep.html'],
  run: async () => (await import('../inspect/compare.ts')).printComparison,
});
