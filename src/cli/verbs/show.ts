import { defineVerb, required, text, toggle } from '../verb.ts';
import { RUN_NAMES } from '../find/run-names.ts';

export const showVerb = defineVerb({
  name: 'show',
  group: 'Inspect',
  positionals: { run: required('RUN', 'run', RUN_NAMES) },
  about: 'show one run: its settings, stages, metrics, samples and files',
  notes: ['Where the terminal is too narrow, results and names are cut first; then `kind` and `at step` are left out.'],
  flags: {
    html: text('FILE', 'write a page with curves, losses, samples and what made it; it needs no network', 'file'),
    json: toggle('print it as JSON'),
  },
  examples: ['show latest', 'show latest --html run.html'],
  run: async () => (await import('../inspect/show.ts')).showRun,
});
