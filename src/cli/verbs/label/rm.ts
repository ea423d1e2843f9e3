import { anyNumber, defineVerb, toggle } from '../../verb.ts';
import { RUN_NAMES } from '../../find/run-names.ts';

export const rmVerb = defineVerb({
  name: 'rm',
  group: 'Maintain',
  positionals: { runs: anyNumber('RUN', 'run', `${RUN_NAMES}; or the id of a sweep, for all of its runs`) },
  about: 'move runs to the trash; `gc --undo` restores them',
  flags: { json: toggle('print it as JSON') },
  notes: ['What the runs computed stays in the store until `gc` deletes it.'],
  examples: ['rm comedy-9863'],
  run: async () => (await import('../../label/rm.ts')).removeRuns,
});
