import { defineVerb, optional, required, toggle } from '../verb.ts';
import { RUN_NAMES } from '../find/run-names.ts';

export const logsVerb = defineVerb({
  name: 'logs',
  group: 'Inspect',
  positionals: { run: required('RUN', 'run', RUN_NAMES), stage: optional('STAGE', 'stage-of-run', 'only this stage') },
  about: 'print the events of the stages, and the output of their processes',
  flags: {
    follow: toggle('keep printing until the run ends', { short: 'f' }),
    json: toggle('print every event as one line of JSON'),
  },
  examples: ['logs latest model -f'],
  run: async () => (await import('../inspect/logs.ts')).printLogs,
});
