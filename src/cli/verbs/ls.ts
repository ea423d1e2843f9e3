import { defineVerb, text, toggle, wholeNumber } from '../verb.ts';

export const lsVerb = defineVerb({
  name: 'ls',
  group: 'Inspect',
  positionals: {},
  about: 'list runs: start time, duration, outcome, last loss',
  flags: {
    pipeline: text('NAME', 'only runs of this pipeline', []),
    tag: text('TAG', 'only runs with this tag: NAME or NAME=VALUE', []),
    failed: toggle('only runs that failed or died'),
    limit: wholeNumber('N', 'at most the N newest', { least: 1 }),
    all: toggle('also runs in which everything was cached'),
    json: toggle('print it as JSON'),
  },
  notes: [
    '↳ RUN: the run continues the training of RUN, or uses its model.',
    'Where the terminal is too narrow, the pipeline is cut first and then left out; then the names of runs are cut',
    'in the middle; then `took` and `when` are left out.',
  ],
  examples: ['ls --pipeline comedy --limit 10'],
  run: async () => (await import('../inspect/ls.ts')).listRuns,
});
