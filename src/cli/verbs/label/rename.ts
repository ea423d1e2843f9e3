import { defineVerb, required } from '../../verb.ts';
import { RUN_NAMES } from '../../find/run-names.ts';

export const renameVerb = defineVerb({
  name: 'rename',
  group: 'Inspect',
  positionals: {
    run: required('RUN', 'run', RUN_NAMES),
    name: required('NAME', [], 'letters, digits, `-`, `_` and `.`'),
  },
  about: 'give a run another name; its folder keeps its own',
  flags: {},
  examples: ['rename comedy-9863 funny'],
  run: async () => (await import('../../label/rename.ts')).renameRun,
});
