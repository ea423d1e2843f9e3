import { defineVerb, required, toggle } from '../verb.ts';
import { RUN_NAMES } from '../find/run-names.ts';

export const diffVerb = defineVerb({
  name: 'diff',
  group: 'Inspect',
  positionals: { before: required('RUN', 'run', RUN_NAMES), after: required('RUN', 'run') },
  about: 'show how two runs differ in inputs, results, metrics and samples',
  flags: { json: toggle('print it as JSON') },
  examples: ['diff 47d1 latest'],
  run: async () => (await import('../inspect/diff.ts')).diffRuns,
});
