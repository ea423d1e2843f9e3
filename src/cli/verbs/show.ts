import { defineVerb, required, toggle } from '../verb.ts';
import { RUN_NAMES } from '../find/run-names.ts';

export const showVerb = defineVerb({
  name: 'show',
  group: 'Inspect',
  positionals: { run: required('RUN', 'run', RUN_NAMES) },
  about: 'show one run: its settings, stages, metrics, samples and files',
  notes: ['Where the terminal is too narrow, results and names are cut first; then `kind` and `at step` are left out.'],
  flags: { json: toggle('print it as JSON') },
  examples: ['show latest'],
  run: async () => (await import('../inspect/show.ts')).showRun,
});
