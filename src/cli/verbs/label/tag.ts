import { anyNumber, defineVerb, required, texts } from '../../verb.ts';
import { RUN_NAMES } from '../../find/run-names.ts';

export const tagVerb = defineVerb({
  name: 'tag',
  group: 'Inspect',
  positionals: {
    run: required('RUN', 'run', RUN_NAMES),
    tags: anyNumber('TAG', [], 'NAME or NAME=VALUE; without one, the tags are only shown'),
  },
  about: 'tag a run; `ls --tag` finds it',
  flags: { remove: texts('NAME', 'remove this tag (repeatable)', []) },
  examples: ['tag comedy-9863 funny rate=low'],
  run: async () => (await import('../../label/tag.ts')).tagRun,
});
