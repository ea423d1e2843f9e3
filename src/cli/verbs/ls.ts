import { defineVerb, toggle } from '../verb.ts';

export const lsVerb = defineVerb({
  name: 'ls',
  group: 'Inspect',
  positionals: {},
  about: 'list all runs: start time, duration, outcome, last loss',
  flags: { json: toggle('print it as JSON') },
  examples: ['ls'],
  run: async () => (await import('../inspect/ls.ts')).listRuns,
});
